import type { Command } from "commander"
import { cloneRelations } from "#lib/models/command/clone.ts"
import { COMMAND_RESOURCES } from "#lib/models/command/select-for-command.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { earlierArtifacts } from "./earlier.ts"
import { guarded } from "./guarded.ts"
import { type Invocation, openInvocation } from "./invocation.ts"
import { countsLine } from "./lines.ts"
import { addSelectOptions, optionsOf, type RunFlags } from "./options.ts"
import { finishRun, leaveArtifacts, nodeLines } from "./run-command.ts"
import { selectedIds } from "./selection.ts"

/** clone: views of what an earlier invocation built. */
export function addCloneCommand(dbt: Command): void {
  addSelectOptions(dbt.command("clone").description("make views of what the invocation of --state built"))
    .option("-f, --full-refresh", "replace what is in the target")
    .action((_: object, self: Command) =>
      guarded(async () => {
        const options = optionsOf<RunFlags>(self)
        await clone(openInvocation(options, "clone"), options)
      }),
    )
}

export async function clone(invocation: Invocation, options: RunFlags, ids?: ReadonlySet<string>): Promise<void> {
  const begin = performance.now()
  const { project, session, threads, console } = invocation
  const artifacts = earlierArtifacts(options)
  if (!artifacts) throw new CliError("clone needs the artifacts of the invocation to clone: give --state.", EXIT.usage)
  const selected = ids ?? selectedIds(invocation, options, COMMAND_RESOURCES.clone)
  console.info(countsLine(project), "FoundStats")
  console.info("")
  const results = await cloneRelations({
    manifest: project.manifest,
    earlier: artifacts.relations(),
    selected,
    session,
    threads,
    isFullRefresh: options.fullRefresh === true,
    listener: nodeLines(console),
  })
  finishRun(invocation, results, await leaveArtifacts(invocation, results, begin), performance.now() - begin)
}
