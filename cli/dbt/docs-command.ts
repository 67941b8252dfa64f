import path from "node:path"
import type { Command } from "commander"
import { writeCatalog, writeManifest } from "#lib/models/artifacts/write-artifacts.ts"
import { readCatalog } from "#lib/models/command/read-catalog.ts"
import { readRunningState } from "#lib/server/running-state.ts"
import { readSettings } from "../settings.ts"
import { guarded } from "./guarded.ts"
import { openInvocation } from "./invocation.ts"
import { addDeferOptions, addSelectOptions, optionsOf, type RunFlags } from "./options.ts"
import { runNodes } from "./run-command.ts"
import { selectedIds } from "./selection.ts"

/** docs generate, docs serve. */
export function addDocsCommands(dbt: Command, signal: AbortSignal): void {
  const docs = dbt.command("docs").description("what the project builds, as it is in the database")
  addDeferOptions(addSelectOptions(docs.command("generate").description("write catalog.json, and compile the project")))
    .option("--no-compile", "do not compile")
    .option("--empty-catalog", "ask the database nothing")
    .option("--static", "taken and passed over: there is no page to put it into")
    .action((_: object, self: Command) => guarded(() => generate(optionsOf<DocsOptions>(self), signal)))
  docs
    .command("serve")
    .description("say where Headrace shows it")
    .option("--port <port>", "taken and passed over")
    .option("--host <host>", "taken and passed over")
    .option("--no-browser", "taken and passed over")
    .action(() => guarded(serve))
}

interface DocsOptions extends RunFlags {
  compile?: boolean
  emptyCatalog?: boolean
}

async function generate(options: DocsOptions, signal: AbortSignal): Promise<void> {
  const invocation = openInvocation(options, "generate")
  const { project, session, targetFolder, console } = invocation
  if (options.compile === false) writeManifest(project, targetFolder)
  else await runNodes(invocation, { command: "compile", options, signal, isPartOfAnother: true })
  const isSelecting = [options.select, options.exclude, options.selector].some((each) => each !== undefined)
  const only = isSelecting ? selectedIds(invocation, options, ["model", "seed", "snapshot", "source"]) : null
  console.info("Building catalog", "BuildCatalog")
  const tables = options.emptyCatalog ? [] : await readCatalog(project.manifest, session, only)
  const file = writeCatalog(project, tables, targetFolder)
  console.info(`Catalog written to ${path.relative(process.cwd(), file)}`, "CatalogWritten")
}

async function serve(): Promise<void> {
  const running = readRunningState(readSettings({}).homeDir)
  const where = running ? `at ${running.url}` : "once it runs: npm start"
  process.stdout.write(`Headrace shows a project's models, columns and lineage in its console ${where}\n`)
}
