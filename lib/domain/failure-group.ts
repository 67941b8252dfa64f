import { type ErrorCode, type Failure, fingerprint } from "./errors.ts"

/** What makes failures one cause, and how that is known. */
export interface FailureGroup {
  by: "custom" | "stack" | "message"
  /** Equal for equal causes. */
  text: string
  /** Whether the same text in another pipeline is the same cause; else it is that task's own trouble. */
  isShared: boolean
}

/** Frames that tell one way into trouble from another; those further out are the caller's. */
const FRAMES = 3
/** Error types that say nothing by themselves. */
const PLAIN_TYPES = new Set(["Error", "TaskError"])
/** Kinds that lie outside of one task: the same words then mean the same thing everywhere. */
const OUTSIDE: ReadonlySet<Failure["kind"]> = new Set(["transient", "external", "infrastructure"])
/** Whose words are the same for every cause. */
const WORDLESS: ReadonlySet<ErrorCode> = new Set([
  "task.exit_code",
  "attempt.timed_out",
  "attempt.killed",
  "attempt.out_of_memory",
  "wait.timed_out",
  "run.child_failed",
])

/**
 * Groups failures by their cause: what the author says it is; else the exception's type with the author's frames (files and
 * functions, not lines, which move with every edit); else the normalised message with the file where it happened.
 */
export function groupFailure(failure: Failure): FailureGroup {
  if (failure.group) return { by: "custom", text: `custom: ${failure.group}`, isShared: true }
  const stack = stackOf(failure)
  if (stack) return { by: "stack", text: stack, isShared: true }
  const file = failure.where?.replace(/(:\d+)+$/, "") ?? ""
  const message = fingerprint(failure.code, failure.message)
  const isShared = !WORDLESS.has(failure.code) && (file !== "" || OUTSIDE.has(failure.kind))
  return { by: "message", text: file ? `${message} in ${file}` : message, isShared }
}

/** Type and innermost author frames of an exception; null without a frame of the author's. */
function stackOf({ code, message, stack }: Failure): string | null {
  const [head = "", ...lines] = stack?.split("\n") ?? []
  const frames = lines.flatMap((line) => {
    const [, name, file] = /^\s+at (?:(.+) \()?([^\s():]+):\d+:\d+\)?$/.exec(line) ?? []
    // Paths of the author's files are relative to the workspace; anything else is somebody else's code.
    return file && !file.startsWith("/") && !file.startsWith("node:") ? [name ? `${name} (${file})` : file] : []
  })
  if (frames.length === 0) return null
  const type = /^(\w+)(?::|$)/.exec(head)?.[1] ?? "Error"
  const what = PLAIN_TYPES.has(type) ? fingerprint(code, message) : type
  return `${what} at ${frames.slice(0, FRAMES).join(" < ")}`
}

/** Codes of failures that a broken upstream leaves behind; others have a cause of their own. */
const FOLLOWS: ReadonlySet<ErrorCode> = new Set([
  "check.failed",
  "wait.timed_out",
  "run.child_failed",
  "source.table_missing",
  "source.column_missing",
  "data.invalid_row",
  "sql.failed",
  "model.failed",
])

/** Whether a failure may be the consequence of what went wrong upstream. */
export function mayFollow(failure: Pick<Failure, "code">): boolean {
  return FOLLOWS.has(failure.code)
}

const MAX_TITLE = 140

/** The first sentence of a message, as the name of an incident. */
export function titleOf(message: string): string {
  const line = message.split("\n")[0]!.trim()
  const sentence = (/^.+?[.!?](?=\s)/.exec(line)?.[0] ?? line).replace(/[.]$/, "")
  return sentence.length > MAX_TITLE ? `${sentence.slice(0, MAX_TITLE - 1)}…` : sentence
}
