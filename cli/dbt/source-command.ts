import path from "node:path"
import type { Command } from "commander"
import { writeManifest, writeSources } from "#lib/models/artifacts/write-artifacts.ts"
import { COMMAND_RESOURCES } from "#lib/models/command/select-for-command.ts"
import { checkFreshness, type FreshnessResult, hasFreshness } from "#lib/models/command/source-freshness.ts"
import type { SourceNode } from "#lib/models/project/node.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { guarded } from "./guarded.ts"
import { openInvocation } from "./invocation.ts"
import { countsLine, dotted, inColour } from "./lines.ts"
import { addSelectOptions, optionsOf, type RunFlags } from "./options.ts"
import { selectedIds } from "./selection.ts"

/** source freshness: how old the newest rows of sources are. */
export function addSourceCommands(dbt: Command): void {
  const source = dbt.command("source").description("look at what others load")
  addSelectOptions(
    source
      .command("freshness")
      .alias("snapshot-freshness")
      .description("hold the age of sources against what they promise"),
  )
    .option("-o, --output <file>", "where to write sources.json")
    .action((_: object, self: Command) => guarded(() => freshness(optionsOf<RunFlags>(self))))
}

async function freshness(options: RunFlags): Promise<void> {
  const begin = performance.now()
  const invocation = openInvocation(options, "freshness")
  const { project, session, threads, targetFolder, console } = invocation
  const selected = selectedIds(invocation, options, COMMAND_RESOURCES.freshness)
  const sources = [...selected].flatMap((id) => {
    const source = project.manifest.sources.get(id)
    return source && hasFreshness(source) ? [source] : []
  })
  console.info(countsLine(project), "FoundStats")
  console.info("")
  const total = sources.length
  const checked = await checkFreshness({
    sources,
    session,
    threads,
    onStart: (source, index) => {
      const title = `${index} of ${total} START freshness of ${nameOf(source)}`
      console.info(dotted(title, "[RUN]"), "LogStartLine")
    },
    onEnd: (result, index) => console.info(endLine(result, index, total), "LogFreshnessResult"),
  })
  for (const { source, status } of checked) {
    if (status === "warn" && console.isError("LogFreshnessResult")) {
      console.warn(`${nameOf(source)} is older than it should be.`, "LogFreshnessResult")
    }
  }
  writeManifest(project, targetFolder)
  const file = options.output ? path.resolve(options.output) : path.join(targetFolder.path, "sources.json")
  writeSources(project, { checked, elapsedTime: (performance.now() - begin) / 1000 }, file)
  for (const { source, message } of checked) {
    if (message !== null) console.error(`Runtime error in source ${nameOf(source)}: ${message}`)
  }
  console.info("")
  console.info(total === 0 ? "Done. No source that is selected says how fresh it has to be." : "Done.")
  console.assertNoErrors()
  if (checked.some(({ status }) => status === "error" || status === "runtime error"))
    throw new CliError("", EXIT.failed)
}

function endLine({ source, status, executionTime }: FreshnessResult, index: number, total: number): string {
  const [word, colour] = WORDS[status]
  return dotted(
    `${index} of ${total} ${word} freshness of ${nameOf(source)}`,
    `[${inColour(colour, word)} in ${executionTime.toFixed(2)}s]`,
  )
}

const WORDS = {
  pass: ["PASS", "green"],
  warn: ["WARN", "yellow"],
  error: ["ERROR STALE", "red"],
  "runtime error": ["ERROR", "red"],
} as const

function nameOf({ source_name, name }: SourceNode): string {
  return `${source_name}.${name}`
}
