import { ProjectError } from "#lib/models/project/project-error.ts"
import { SelectionError } from "#lib/models/selection/selection-error.ts"
import { CliError, EXIT } from "../exit-code.ts"

/** Errors of Node and the driver by which a server is not to be reached or lets nobody in. */
const UNREACHABLE = /^(E[A-Z]+|08...|28...|3D000|57P0.)$/

/** Runs a command; what is wrong with project, selection or warehouse ends it with dbt's code for what it cannot handle. */
export async function guarded(work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    throw toCliError(error)
  }
}

function toCliError(error: unknown): unknown {
  if (error instanceof SelectionError || error instanceof ProjectError) return new CliError(error.message, EXIT.usage)
  const code = error instanceof Error && "code" in error ? String(error.code) : ""
  if (error instanceof Error && UNREACHABLE.test(code)) {
    return new CliError(
      `The warehouse does not let us in: ${error.message || code}. Try: headrace dbt debug`,
      EXIT.usage,
    )
  }
  return error
}
