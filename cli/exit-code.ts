/** How the program ends; docs/cli.md says the same. */
export const EXIT = {
  ok: 0,
  /** The run or backfill failed, the workspace has problems, or the server refused. */
  failed: 1,
  /** The command line is wrong. */
  usage: 2,
  /** Nothing answers at the address, or its database does not. */
  unreachable: 3,
  interrupted: 130,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Ends the program with a sentence for stderr and a code; the only error that commands throw on purpose. */
export class CliError extends Error {
  override readonly name = "CliError"
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode) {
    super(message)
    this.exitCode = exitCode
  }
}
