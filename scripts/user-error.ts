/** Something the person at the keyboard can mend: its message is one sentence that says how, and is shown without a stack. */
export class UserError extends Error {
  override readonly name = "UserError"
}

/** The code Node or Postgres put on an error (`EACCES`, `ENOSPC`, `28P01`), or null. */
export function errorCode(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
