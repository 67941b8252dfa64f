import type { Command } from "commander"
import { writeManifest, writeRunResults } from "#lib/models/artifacts/write-artifacts.ts"
import { runOperation } from "#lib/models/command/run-operation.ts"
import { ProjectError } from "#lib/models/project/project-error.ts"
import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { guarded } from "./guarded.ts"
import { type Invocation, openInvocation, parseMap } from "./invocation.ts"
import { failureText, logTo } from "./lines.ts"
import { optionsOf, type RunFlags } from "./options.ts"

interface OperationOptions extends RunFlags {
  args?: string
}

/** run-operation: calls a macro. */
export function addOperationCommand(dbt: Command, signal: AbortSignal): void {
  dbt
    .command("run-operation <macro>")
    .description("call a macro")
    .option("--args <yaml>", "its arguments, as '{name: value}'")
    .action((macro: string, _: object, self: Command) =>
      guarded(async () => {
        const options = optionsOf<OperationOptions>(self)
        await operate(openInvocation(options, "run-operation"), macro, parseMap(options.args, "--args"), signal)
      }),
    )
}

export async function operate(
  invocation: Invocation,
  macro: string,
  args: YamlMap,
  signal: AbortSignal,
): Promise<void> {
  const begin = performance.now()
  const { project, session, targetFolder, console } = invocation
  const invocationArgs = { ...invocation.args, macro, args }
  const result = await runOperation({
    project,
    macro,
    args,
    session,
    invocationArgs,
    signal,
    onLog: logTo(console),
  }).catch((error: unknown) => {
    throw error instanceof ProjectError ? new CliError(error.message, EXIT.failed) : error
  })
  writeManifest(project, targetFolder)
  writeRunResults(
    {
      invocation: project.invocation,
      results: [result],
      elapsedTime: (performance.now() - begin) / 1000,
      args: invocationArgs,
    },
    targetFolder,
  )
  if (result.status === "success") return
  for (const line of failureText(result, null).split("\n")) console.error(line)
  throw new CliError("", EXIT.failed)
}
