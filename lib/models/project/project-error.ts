/** Where in a project something stands: `file` as people know it (relative to the project's root), line and column from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

/** One thing that is wrong in a project, and what to do about it. */
export interface Problem extends Partial<Place> {
  message: string
  /** Of a warning: dbt's name for it, by which a command can be told to take it for an error. */
  event?: string
}

/**
 * What a project's files say cannot be. `message` names every problem with its place, one a line; `problems` has them apart.
 * `macroStack` is the chain of macro calls, innermost first, where a template failed inside of macros.
 */
export class ProjectError extends Error {
  override readonly name = "ProjectError"
  readonly problems: readonly Problem[]
  readonly file: string | null
  readonly line: number | null
  readonly column: number | null
  readonly macroStack: readonly string[]

  constructor(
    problems: Problem | readonly Problem[],
    options: { cause?: unknown; macroStack?: readonly string[] | undefined } = {},
  ) {
    const all = Array.isArray(problems) ? (problems as readonly Problem[]) : [problems as Problem]
    super(all.map(formatProblem).join("\n"), { cause: options.cause })
    this.problems = all
    const [first] = all
    this.file = first?.file ?? null
    this.line = first?.line ?? null
    this.column = first?.column ?? null
    this.macroStack = options.macroStack ?? []
  }
}

/** `models/a.sql:3:7: what is wrong`, with as much of the place as is known. */
export function formatProblem({ file, line, column, message }: Problem): string {
  if (file === undefined) return message
  return `${[file, line, column].filter((part) => part !== undefined).join(":")}: ${message}`
}

/** Line and column, both from 1, of an offset into a text. */
export function positionAt(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset)
  const start = before.lastIndexOf("\n") + 1
  return { line: before.split("\n").length, column: offset - start + 1 }
}

/**
 * Runs something whose text stands somewhere in a file, and puts its place on what it throws about that file. The place is
 * asked for only then, because finding it means reading the file again.
 */
export function withPlace<T>(file: string, place: () => { line: number; column: number }, run: () => T): T {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof ProjectError) || error.file !== file) throw error
    const [first, ...others] = error.problems
    throw new ProjectError([{ ...first!, ...place() }, ...others], { cause: error, macroStack: error.macroStack })
  }
}
