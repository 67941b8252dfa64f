import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { type Command, Option } from "commander"
import { COMMAND_RESOURCES, selectForCommand } from "#lib/models/command/select-for-command.ts"
import { ProjectError } from "#lib/models/project/project-error.ts"
import { type Command as DbtCommand, type NodeResult, runProject } from "#lib/models/run/run-project.ts"
import type { RunnableNode } from "#lib/models/run/work-graph.ts"
import type { ResourceType } from "#lib/models/selection/selectable.ts"
import { SelectionError } from "#lib/models/selection/selection-error.ts"
import { INDIRECT_SELECTIONS, type IndirectSelection } from "#lib/models/selection/selection-spec.ts"
import { closingLine, endLine, failureText, say, startLine } from "../dbt/console.ts"
import { asCliError, type Invocation, openInvocation } from "../dbt/invocation.ts"
import { CliError, EXIT } from "../exit-code.ts"

interface SelectOptions {
  select?: string[]
  exclude?: string[]
  selector?: string
  indirectSelection?: IndirectSelection
  resourceType?: string[]
  excludeResourceType?: string[]
}

interface RunFlags extends SelectOptions {
  fullRefresh?: boolean
  storeFailures?: boolean
  empty?: boolean
  failFast?: boolean
  limit?: string
}

const DESCRIPTIONS: Readonly<Record<DbtCommand, string>> = {
  build: "run, test, seed and snapshot in the order of the graph",
  run: "build models",
  test: "run tests",
  seed: "load CSV files",
  snapshot: "keep the history of tables",
  compile: "render queries without running them",
  show: "print the first rows of a query",
}

/** dbt: build, run, test, seed, snapshot, compile, show, parse, ls. */
export function addDbtCommands(program: Command, signal: AbortSignal): void {
  const dbt = program.command("dbt").description("build a dbt project; needs no server")
  globalOptions(dbt)
  for (const name of Object.keys(DESCRIPTIONS) as DbtCommand[]) addRunCommand(dbt, name, signal)
  addParseCommand(dbt)
  addListCommand(dbt)
}

function globalOptions(command: Command): void {
  command
    .option("--project-dir <folder>", "where dbt_project.yml is (or DBT_PROJECT_DIR; default: here or above)")
    .option("--profiles-dir <folder>", "where profiles.yml is (or DBT_PROFILES_DIR)")
    .option("--profile <name>", "instead of the profile that the project names")
    .option("-t, --target <name>", "instead of the target that the profile names")
    .option("--target-path <folder>", "where artifacts go (or DBT_TARGET_PATH; default: target)")
    .option("--vars <yaml>", "vars, as '{key: value}'")
    .option("--threads <count>", "how many nodes run at a time")
    .option("-d, --debug", "print what templates log")
    .option("--warn-error", "take warnings for errors")
}

function selectOptions(command: Command): Command {
  return command
    .option("-s, --select <nodes...>", "what to work on, in dbt's selection syntax")
    .option("-m, --models <nodes...>", "as --select")
    .option("--exclude <nodes...>", "what of that to leave out")
    .option("--selector <name>", "a selection of selectors.yml")
    .option("--resource-type <types...>", "only these")
    .option("--exclude-resource-type <types...>", "not these")
    .addOption(new Option("--indirect-selection <mode>", "which tests go along").choices(INDIRECT_SELECTIONS))
}

function addRunCommand(dbt: Command, name: DbtCommand, signal: AbortSignal): void {
  const command = selectOptions(dbt.command(name).description(DESCRIPTIONS[name]))
  if (name !== "compile" && name !== "show") {
    command
      .option("-f, --full-refresh", "build incremental models and seeds anew")
      .option("--store-failures", "keep what tests find")
      .option("--empty", "read no rows: checks that everything runs")
      .option("-x, --fail-fast", "begin nothing after the first failure")
  }
  if (name === "show") command.option("--limit <rows>", "how many rows", "5")
  command.action((options: RunFlags & { models?: string[] }, self: Command) =>
    guarded(() => runCommand(name, { ...options, select: options.select ?? options.models ?? [] }, self, signal)),
  )
}

async function runCommand(name: DbtCommand, options: RunFlags, command: Command, signal: AbortSignal): Promise<void> {
  const begin = performance.now()
  const invocation = openInvocation(command, {
    which: name,
    fullRefresh: options.fullRefresh === true,
    storeFailures: options.storeFailures === true,
    empty: options.empty === true,
    failFast: options.failFast === true,
  })
  const { project, session, threads, targetFolder } = invocation
  for (const { file, line, message } of project.warnings)
    say(`Warning: ${file ? `${file}:${line ?? 1}: ` : ""}${message}`)
  const selected = select(invocation, options, COMMAND_RESOURCES[name])
  say(summary(invocation))
  say("")
  if (selected.size === 0) {
    say("Nothing to do. Check the selection: headrace dbt ls shows what there is.")
    return
  }
  say(`Concurrency: ${threads} threads (target='${project.target.name}')`)
  say("")
  const results = await runProject({
    project,
    command: name,
    selected,
    session,
    threads,
    isFailFast: options.failFast === true,
    limit: name === "show" ? Number(options.limit ?? 5) : null,
    signal,
    listener: {
      onStart: (node, index, total) => say(startLine(node, index, total)),
      onEnd: (result, index, total) => say(endLine(result, index, total)),
      onLog: (level, message) => level !== "debug" && say(message),
    },
  })
  const files = writeCompiled(results, targetFolder, project.root.name, name)
  if (name === "show") for (const result of results) showRows(result)
  finish(results, files, performance.now() - begin)
}

function select(invocation: Invocation, options: SelectOptions, all: readonly ResourceType[]): Set<string> {
  const only = options.resourceType as ResourceType[] | undefined
  const not = new Set(options.excludeResourceType ?? [])
  const resourceTypes = all.filter((type) => (!only || only.includes(type)) && !not.has(type))
  const { select, exclude, selector, indirectSelection } = options
  const selection = selectForCommand(invocation.project, {
    resourceTypes,
    ...(select && { select }),
    ...(exclude && { exclude }),
    ...(selector !== undefined && { selector }),
    ...(indirectSelection && { indirectSelection }),
  })
  for (const { message } of selection.warnings) say(`Warning: ${message}`)
  return new Set(selection.ids)
}

function finish(results: readonly NodeResult[], files: ReadonlyMap<NodeResult, string>, ms: number): void {
  say("")
  say(
    `Finished running ${results.length} ${results.length === 1 ? "node" : "nodes"} in ${(ms / 1000).toFixed(2)} seconds.`,
  )
  const failed = results.filter(({ status }) => status === "error" || status === "fail" || status === "partial success")
  const warned = results.filter(({ status }) => status === "warn")
  say("")
  say(
    failed.length === 0
      ? "Completed successfully"
      : `Completed with ${failed.length} ${failed.length === 1 ? "error" : "errors"}`,
  )
  for (const result of [...failed, ...warned]) {
    say("")
    for (const line of failureText(result, files.get(result) ?? null).split("\n")) say(line)
  }
  for (const result of results) for (const warning of result.warnings) say(`Warning in ${result.node.name}: ${warning}`)
  say("")
  say(closingLine(results))
  if (failed.length > 0) throw new CliError("", EXIT.failed)
}

/** Writes each query where dbt does: `target/compiled/<package>/<path>`. */
function writeCompiled(results: readonly NodeResult[], folder: string, _root: string, command: DbtCommand) {
  const files = new Map<NodeResult, string>()
  for (const result of results) {
    const file = compiledFile(result.node)
    if (result.compiledCode === null || file === null) continue
    const full = path.join(folder, "compiled", file)
    mkdirSync(path.dirname(full), { recursive: true })
    writeFileSync(full, result.compiledCode)
    files.set(result, path.relative(process.cwd(), full))
    if (command === "compile" && results.length === 1) process.stdout.write(`${result.compiledCode}\n`)
  }
  return files
}

function compiledFile(node: RunnableNode): string | null {
  if (node.resource_type === "unit_test" || node.resource_type === "operation" || node.resource_type === "seed")
    return null
  const isGeneric = node.resource_type === "test" && node.test_metadata !== null
  const inside = isGeneric ? path.join(node.original_file_path, node.path) : node.original_file_path
  return path.join(node.package_name, inside)
}

function showRows({ node, preview }: NodeResult): void {
  if (!preview) return
  process.stdout.write(`Previewing node '${node.name}':\n`)
  const rows = preview.rows.map((row) => row.map((value) => (value === null ? "" : String(value))))
  const widths = preview.columns.map((name, place) => Math.max(name.length, ...rows.map((row) => row[place]!.length)))
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, place) => cell.padEnd(widths[place]!)).join(" | ")} |`
  const lines = [line(preview.columns), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)]
  process.stdout.write(`${lines.join("\n")}\n`)
}

function addParseCommand(dbt: Command): void {
  dbt
    .command("parse")
    .description("read the project and say what is wrong with it")
    .action((_: object, command: Command) =>
      guarded(async () => {
        const begin = performance.now()
        const invocation = openInvocation(command, { which: "parse" })
        for (const { file, line, message } of invocation.project.warnings) {
          say(`Warning: ${file ? `${file}:${line ?? 1}: ` : ""}${message}`)
        }
        say(summary(invocation))
        say(`Parsed in ${((performance.now() - begin) / 1000).toFixed(2)} seconds.`)
      }),
    )
}

function addListCommand(dbt: Command): void {
  const command = dbt.command("ls").alias("list").description("list what a selection chooses")
  selectOptions(command)
    .addOption(
      new Option("--output <form>", "what to print of each")
        .choices(["name", "selector", "path", "json"])
        .default("selector"),
    )
    .action((options: SelectOptions & { models?: string[]; output: string }, self: Command) =>
      guarded(async () => {
        const invocation = openInvocation(self, { which: "list" })
        const all: ResourceType[] = [
          "model",
          "test",
          "unit_test",
          "seed",
          "snapshot",
          "source",
          "exposure",
          "metric",
          "analysis",
        ]
        const selected = select(invocation, { ...options, select: options.select ?? options.models ?? [] }, all)
        const { manifest } = invocation.project
        for (const id of selected) {
          const node =
            manifest.nodes.get(id) ??
            manifest.sources.get(id) ??
            manifest.exposures.get(id) ??
            manifest.unitTests.get(id)
          if (node) process.stdout.write(`${listed(node, options.output)}\n`)
        }
      }),
    )
}

function listed(
  node: { name: string; fqn: string[]; resource_type: string; original_file_path: string; unique_id: string },
  output: string,
) {
  switch (output) {
    case "name":
      return node.name
    case "path":
      return node.original_file_path
    case "json": {
      const { name, resource_type, original_file_path, unique_id } = node
      return JSON.stringify({ name, resource_type, original_file_path, unique_id })
    }
    default: {
      const fqn = node.fqn.join(".")
      return node.resource_type === "source" || node.resource_type === "exposure" ? `${node.resource_type}:${fqn}` : fqn
    }
  }
}

function summary({ project }: Invocation): string {
  const { nodes, sources, macros } = project.manifest
  const counts = new Map<string, number>()
  for (const { resource_type } of nodes.values()) counts.set(resource_type, (counts.get(resource_type) ?? 0) + 1)
  const parts = [...counts].map(
    ([type, count]) => `${count} ${count === 1 ? type : `${type}s`.replace("analysiss", "analyses")}`,
  )
  return `Found ${[...parts, `${sources.size} sources`, `${macros.size} macros`].join(", ")}`
}

async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof SelectionError) throw new CliError(error.message, EXIT.usage)
    throw error instanceof ProjectError ? asCliError(error) : error
  }
}
