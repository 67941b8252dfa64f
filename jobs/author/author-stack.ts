import { relative } from "node:path"
import { fileURLToPath } from "node:url"

/** A place in the author's files: path relative to their folder, 1-based line and column. */
export interface AuthorFrame {
  file: string
  line: number
  column: number
  /** Name of the function, where it has one. */
  name: string | null
}

/** Enough to see how a helper was reached; more is noise. */
const MAX_FRAMES = 20

/** The frames of a stack that stand in the author's files, innermost first. */
export function authorFrames(stack: string | undefined, root: string): AuthorFrame[] {
  const prefix = root.endsWith("/") ? root : `${root}/`
  const frames: AuthorFrame[] = []
  for (const line of stack?.split("\n") ?? []) {
    const match = /^\s*at (?:(.*?) \()?(file:\/\/.+?|\/.+?):(\d+):(\d+)\)?$/.exec(line)
    if (!match) continue
    const [, name, place, row, column] = match as unknown as [string, string | undefined, string, string, string]
    const path = place.startsWith("file:") ? fileURLToPath(place) : place
    if (!path.startsWith(prefix) || path.includes("/node_modules/")) continue
    frames.push({
      file: relative(root, path),
      line: Number(row),
      column: Number(column),
      name: name?.replace(/^async /, "") || null,
    })
    if (frames.length === MAX_FRAMES) break
  }
  return frames
}

/** An error with its author frames as people read it: `TypeError: …` and lines `    at main (pipelines/x.ts:3:5)`. */
export function authorStack(error: unknown, root: string): string | null {
  if (!(error instanceof Error)) return null
  const lines = authorFrames(error.stack, root).map(({ name, file, line, column }) => {
    const place = `${file}:${line}:${column}`
    return `    at ${name ? `${name} (${place})` : place}`
  })
  return [`${error.name}: ${error.message}`, ...lines].join("\n")
}
