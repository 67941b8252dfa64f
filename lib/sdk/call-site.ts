import { sep } from "node:path"
import { fileURLToPath } from "node:url"

/** Where an author called the SDK. Absolute path, 1-based line. */
export interface CallSite {
  file: string
  line: number
  /** File whose top level was running: differs from `file` where a helper makes the call. */
  rootFile: string
}

/** Deeper than any sensible helper; a limit keeps 10,000 tasks cheap. */
const MAX_FRAMES = 50
const SDK_DIR = import.meta.dirname + sep

/** The author's frames of the current stack: the innermost names the line, the outermost the file being loaded. */
export function callSite(): CallSite | null {
  const frames = authorFrames()
  const [inner, outer] = [frames[0], frames.at(-1)]
  if (!inner || !outer) return null
  return { ...inner, rootFile: outer.file }
}

function authorFrames(): { file: string; line: number }[] {
  const { prepareStackTrace, stackTraceLimit } = Error
  Error.stackTraceLimit = MAX_FRAMES
  Error.prepareStackTrace = (_error, sites) => sites
  const { stack } = new Error() as unknown as { stack: NodeJS.CallSite[] }
  Error.prepareStackTrace = prepareStackTrace
  Error.stackTraceLimit = stackTraceLimit
  return stack.flatMap((site) => {
    const url = site.getFileName()
    const line = site.getLineNumber()
    if (!url || line === null || url.startsWith("node:")) return []
    const file = url.startsWith("file:") ? fileURLToPath(url) : url
    return file.startsWith(SDK_DIR) || file.includes(`${sep}node_modules${sep}`) ? [] : [{ file, line }]
  })
}
