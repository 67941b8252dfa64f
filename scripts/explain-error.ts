import { ConfigError } from "#lib/server/config.ts"
import { shown } from "./paths.ts"
import { errorCode, messageOf, UserError } from "./user-error.ts"

/** What is printed for anything that ends a program: one sentence that says what to do, and a stack only for our own bugs. */
export function explainError(error: unknown): string {
  if (error instanceof UserError || error instanceof ConfigError) return error.message
  const place = error instanceof Error && "path" in error && typeof error.path === "string" ? shown(error.path) : null
  switch (errorCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
    case "53100": // Postgres: disk_full
      return "The disk is full: free some space and start again."
    case "EACCES":
    case "EPERM":
      return `You may not write ${place ?? "to this folder"}: change its owner, or name a folder of yours in HEADRACE_HOME.`
    case "EROFS":
      return `${place ?? "This folder"} lies on a read-only disk: name a folder on another one in HEADRACE_HOME.`
    case "ENOTDIR":
    case "EEXIST":
      return `${place ?? "The home"} is no folder: name another in HEADRACE_HOME.`
    case "EMFILE":
    case "ENFILE":
      return "Too many files are open: raise the limit (ulimit -n 4096) and start again."
    default:
      return error instanceof Error && error.stack ? error.stack : messageOf(error)
  }
}
