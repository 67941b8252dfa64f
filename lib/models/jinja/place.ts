import type { Place } from "./errors.ts"

/** Where a template stands in a file: a macro is compiled alone, and its errors still name the lines of its file. */
export interface Origin {
  file: string
  /** The line and column of its first character, from 1. */
  line: number
  column: number
}

/** The place of an offset into a template's source. */
export function placeAt(source: string, offset: number, origin: Origin): Place {
  let line = 0
  let lineStart = 0
  for (let at = source.indexOf("\n"); at !== -1 && at < offset; at = source.indexOf("\n", at + 1)) {
    line++
    lineStart = at + 1
  }
  const column = offset - lineStart
  return { file: origin.file, line: origin.line + line, column: (line === 0 ? origin.column : 1) + column }
}
