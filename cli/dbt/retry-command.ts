import path from "node:path"
import type { Command } from "commander"
import { EarlierArtifacts, type StateRunResults } from "#lib/models/command/earlier-artifacts.ts"
import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import type { Command as DbtCommand } from "#lib/models/run/run-project.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { optionsOfArgs } from "./args.ts"
import { clone } from "./clone-command.ts"
import { guarded } from "./guarded.ts"
import { openInvocation, targetFolderOf } from "./invocation.ts"
import { operate } from "./operation-command.ts"
import { optionsOf, type RunFlags } from "./options.ts"
import { RUN_COMMANDS, runNodes } from "./run-command.ts"

/** Statuses of what did not come to a good end. */
const RETRIED = new Set(["error", "fail", "skipped", "runtime error", "partial success"])

/** retry: what failed or was skipped in the last command, with that command's options. */
export function addRetryCommand(dbt: Command, signal: AbortSignal): void {
  dbt
    .command("retry")
    .description("run again what failed or was skipped the last time")
    .option("--state <folder>", "where the run_results.json of that time is (default: the target folder)")
    .option("-f, --full-refresh", "build incremental models and seeds anew")
    .action((_: object, self: Command) => guarded(() => retry(optionsOf<RunFlags>(self), signal)))
}

async function retry(given: RunFlags, signal: AbortSignal): Promise<void> {
  const folder = given.state ? path.resolve(given.state) : targetFolderOf(given)
  const last = new EarlierArtifacts(folder).runResults()
  if (!last) throw new CliError(`There is no run_results.json in ${folder}: nothing has run there.`, EXIT.usage)
  const { args, results } = last
  const which = String(args.which ?? "")
  const { state: _, ...own } = given
  const options: RunFlags = { ...optionsOfArgs(args), ...own }
  const failed = results.filter(({ status }) => RETRIED.has(status)).map(({ unique_id }) => unique_id)
  const invocation = openInvocation(options, which)
  const { console, project } = invocation
  if (failed.length === 0) {
    console.info("Nothing of the last command failed or was skipped.", "NothingToDo")
    return
  }
  if (which === "run-operation") return operate(invocation, String(args.macro), (args.args ?? {}) as YamlMap, signal)
  const { nodes, unitTests } = project.manifest
  const known = new Set(failed.filter((id) => nodes.has(id) || unitTests.has(id)))
  // Hooks run with every command; that one of them failed means that all of its nodes are still to run.
  const ids = failed.some((id) => id.startsWith("operation.")) ? undefined : known
  console.info(`Retrying ${which}: ${failed.length} nodes`)
  if (which === "clone") return clone(invocation, options, ids)
  if (which in RUN_COMMANDS || which === "generate") {
    const command = which === "generate" ? "compile" : (which as DbtCommand)
    return runNodes(invocation, { command, options, signal, ...(ids && { ids, batches: failedBatches(results) }) })
  }
  throw new CliError(`The last command was "${which}", which cannot be retried.`, EXIT.usage)
}

/** Of models of which some batches went well: those that did not. dbt writes times with a zone, too. */
function failedBatches(results: StateRunResults["results"]): Map<string, { start: string; end: string }[]> {
  const found = results.flatMap(({ unique_id, status, batch_results: batches }) => {
    if (status !== "partial success" || !batches) return []
    const failed = batches.failed.map(([start, end]) => {
      return { start: new Date(start).toISOString(), end: new Date(end).toISOString() }
    })
    return [[unique_id, failed] as const]
  })
  return new Map(found)
}
