import path from "node:path"
import type { Command } from "commander"
import type { CompiledNode } from "#lib/models/artifacts/compiled-node.ts"
import { SqlFiles } from "#lib/models/artifacts/sql-files.ts"
import { writeManifest, writeRunResults } from "#lib/models/artifacts/write-artifacts.ts"
import { withInlineQuery } from "#lib/models/command/inline-query.ts"
import { COMMAND_RESOURCES } from "#lib/models/command/select-for-command.ts"
import {
  type Command as DbtCommand,
  type NodeResult,
  type RunListener,
  type RunOptions,
  runProject,
} from "#lib/models/run/run-project.ts"
import { CliError, EXIT } from "../exit-code.ts"
import type { DbtConsole } from "./console.ts"
import { deferralOf } from "./earlier.ts"
import { eventTimeOf } from "./event-time.ts"
import { guarded } from "./guarded.ts"
import { type Invocation, openInvocation } from "./invocation.ts"
import { closingLine, countsLine, endLine, failureText, logTo, resultData, startLine } from "./lines.ts"
import { addDeferOptions, addRunOptions, addSelectOptions, optionsOf, type RunFlags } from "./options.ts"
import { printRows } from "./preview.ts"
import { selectedIds } from "./selection.ts"

export const RUN_COMMANDS: Readonly<Record<DbtCommand, string>> = {
  build: "run, test, seed and snapshot in the order of the graph",
  run: "build models",
  test: "run tests",
  seed: "load CSV files",
  snapshot: "keep the history of tables",
  compile: "render queries without running them",
  show: "print the first rows of a query",
}

/** build, run, test, seed, snapshot, compile, show. */
export function addRunCommand(dbt: Command, name: DbtCommand, signal: AbortSignal): void {
  const command = addDeferOptions(addSelectOptions(dbt.command(name).description(RUN_COMMANDS[name])))
  if (name !== "compile" && name !== "show") addRunOptions(command)
  if (name === "compile") command.option("-f, --full-refresh", "as if incremental models were built anew")
  if (name === "show" || name === "compile") command.option("--inline <sql>", "a query instead of a selection")
  if (name === "show") {
    command.option("--limit <rows>", "how many rows; -1 for all", "5")
    command.option("--output <form>", "text or json", "text")
  }
  command.action((_: object, self: Command) =>
    guarded(async () => {
      const options = optionsOf<RunFlags>(self)
      await runNodes(openInvocation(options, name), { command: name, options, signal })
    }),
  )
}

export interface NodesRun {
  command: DbtCommand
  options: RunFlags
  signal: AbortSignal
  /** Instead of what the options select. */
  ids?: ReadonlySet<string>
  /** Of microbatch models: these batches alone. */
  batches?: RunOptions["batches"]
  /** Another command goes on after it: nothing is printed but what is said. */
  isPartOfAnother?: boolean
}

/** Runs what is selected, says how it goes, and leaves the artifacts. @throws CliError with 1 when something failed */
export async function runNodes(
  invocation: Invocation,
  { command, options, signal, ids, batches, isPartOfAnother }: NodesRun,
): Promise<void> {
  const begin = performance.now()
  const { session, threads, console } = invocation
  const inline = options.inline === undefined ? null : withInlineQuery(invocation.project, options.inline)
  const project = inline?.project ?? invocation.project
  const selected = inline ? new Set([inline.id]) : (ids ?? selectedIds(invocation, options, COMMAND_RESOURCES[command]))
  const eventTime = eventTimeOf(options)
  console.info(countsLine(invocation.project), "FoundStats")
  console.info("")
  if (selected.size === 0) {
    console.warn("Nothing to do. Check the selection: headrace dbt ls shows what there is.", "NothingToDo")
    await leaveArtifacts(invocation, [], begin)
    console.assertNoErrors()
    return
  }
  const isBuilding = command !== "compile" && command !== "show"
  const deferred = await deferralOf(invocation, options, selected)
  console.info(`Concurrency: ${threads} threads (target='${project.target.name}')`, "ConcurrencyLine")
  console.info("")
  const lines = isBuilding ? nodeLines(console) : null
  const files = new SqlFiles(project, invocation.targetFolder)
  const results = await runProject({
    project,
    command,
    selected,
    session,
    threads,
    isFailFast: options.failFast === true,
    limit: command === "show" ? limitOf(options) : null,
    ...(deferred && { deferred }),
    ...(batches && { batches }),
    ...(eventTime && { eventTime }),
    invocationArgs: invocation.args,
    areWarningsErrors: (event) => console.isError(event),
    signal,
    listener: {
      // What is only rendered goes by without a word.
      ...lines,
      onEnd(result, index, total) {
        lines?.onEnd?.(result, index, total)
        if (!inline) files.add(result)
      },
      onLog: logTo(console),
    },
  })
  const compiled = await leaveArtifacts(invocation, results, begin, files)
  if (command === "show") for (const result of results) printRows(console, result, options.output === "json")
  if (command === "compile" && !isPartOfAnother && results.length === 1 && results[0]!.compiledCode !== null) {
    console.print(results[0]!.compiledCode)
  }
  if (isBuilding || results.some(isFailure)) finishRun(invocation, results, compiled, performance.now() - begin)
}

/** A line when a node begins, and one when it ends. */
export function nodeLines(console: DbtConsole): Pick<RunListener, "onStart" | "onEnd"> {
  return {
    onStart: (node, index, total) => console.info(startLine(node, index, total), "LogStartLine"),
    onEnd: (result, index, total) => console.info(endLine(result, index, total), "LogNodeResult", resultData(result)),
  }
}

function limitOf({ limit }: RunFlags): number | null {
  const rows = Number(limit ?? 5)
  if (!Number.isInteger(rows)) throw new CliError("--limit has to be a number.", EXIT.usage)
  return rows < 0 ? null : rows
}

/** Writes the SQL of nodes, manifest.json and run_results.json. */
export async function leaveArtifacts(
  { project, targetFolder, args }: Invocation,
  results: readonly NodeResult[],
  begin: number,
  files = new SqlFiles(project, targetFolder),
): Promise<Map<string, CompiledNode>> {
  // An inline query has no file, and is no part of the project.
  for (const result of results) if (!result.node.unique_id.startsWith("sql_operation.")) files.add(result)
  const compiled = await files.finish()
  writeManifest(project, targetFolder, compiled)
  const elapsedTime = (performance.now() - begin) / 1000
  writeRunResults({ invocation: project.invocation, results, elapsedTime, args }, targetFolder)
  return compiled
}

/** Says what failed and why, and counts. @throws CliError with 1 when something failed */
export function finishRun(
  { console, project }: Invocation,
  results: readonly NodeResult[],
  compiled: ReadonlyMap<string, CompiledNode>,
  ms: number,
): void {
  const count = `${results.length} ${results.length === 1 ? "node" : "nodes"}`
  console.info("")
  console.info(`Finished running ${count} in ${(ms / 1000).toFixed(2)} seconds.`, "FinishedRunningStats")
  const failed = results.filter(isFailure)
  const warned = results.filter(({ status }) => status === "warn")
  console.info("")
  if (failed.length === 0) console.info("Completed successfully", "EndOfRunSummary")
  else {
    const errors = `${failed.length} ${failed.length === 1 ? "error" : "errors"}`
    console.error(`Completed with ${errors}`, "EndOfRunSummary")
  }
  for (const result of [...failed, ...warned]) {
    const file = compiled.get(result.node.unique_id)?.compiledPath ?? null
    const shown = file === null ? null : path.relative(process.cwd(), path.resolve(project.root.folder, file))
    const lines = failureText(result, shown).split("\n")
    const isError = result.status !== "warn"
    if (isError) console.error("")
    for (const line of lines) {
      if (isError) console.error(line, "RunResultError")
      else console.info(line, "RunResultWarning")
    }
  }
  for (const { node, warnings } of results) {
    for (const warning of warnings) console.warn(`in ${node.name}: ${warning}`, "NodeWarning")
  }
  console.info("")
  console.info(closingLine(results), "StatsLine")
  if (failed.length > 0 || console.hasErrors) throw new CliError("", EXIT.failed)
}

function isFailure({ status }: NodeResult): boolean {
  return status === "error" || status === "fail" || status === "partial success"
}
