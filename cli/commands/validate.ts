import path from "node:path"
import type { Command } from "commander"
import { loadWorkspace } from "#jobs/workspace/load-workspace.ts"
import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { AppError } from "#lib/domain/errors.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { plain } from "../output.ts"

/** validate. */
export function addValidateCommand(program: Command, signal: AbortSignal): void {
  program
    .command("validate [folder]")
    .description("check a workspace without a server")
    .option("--connections <names>", "comma-separated names of connections that exist where it will run")
    .option("--strict", "an unknown connection is an error")
    .action(
      async (folder: string | undefined, options: { connections?: string; strict?: boolean }, command: Command) => {
        const { output, settings } = contextOf(command, signal)
        const named = (options.connections ?? "").split(",").flatMap((name) => name.trim().toLowerCase() || [])
        const dir = path.resolve(folder ?? settings.workspaceDir)
        const { pipelines, problems } = await loadWorkspace(dir, {
          connections: [...settings.connections, ...named],
        }).catch((error: unknown) => {
          throw error instanceof AppError ? new CliError(error.message, EXIT.failed) : error
        })
        // Connections are set where the workspace runs, which need not be here.
        const isWarning = (problem: WorkspaceProblem) => problem.rule === "unknown_connection" && !options.strict
        const errors = problems.filter((problem) => !isWarning(problem))
        const broken = new Set(errors.map((problem) => problem.pipelineId))
        const unconnected = new Set(
          problems.map((problem) => problem.pipelineId).filter((id) => id !== null && !broken.has(id)),
        )
        const count = pipelines.length + unconnected.size
        const result = { dir, pipelines: pipelines.map(({ manifest, hash }) => ({ id: manifest.id, hash })), problems }
        output.result(result, () =>
          [
            ...problems.map((problem) => problemText(problem, isWarning(problem))),
            `${count} ${count === 1 ? "pipeline" : "pipelines"} fine, ${errors.length} errors, ${problems.length - errors.length} warnings.`,
          ].join("\n"),
        )
        if (errors.length > 0) throw new CliError("The workspace has errors: mend the places above.", EXIT.failed)
      },
    )
}

/** `pipelines/returns.ts:18:5: error: …`, which editors and CI make a link of. */
export function problemText(problem: WorkspaceProblem, isWarning = false): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== null).join(":")
  return plain(`${place}: ${isWarning ? "warning" : "error"}: ${problem.message} [${problem.rule}]`)
}
