import type { HighlightAnswer, HighlightRequest } from "./highlight-worker.ts"
import type { CodeToken } from "./plain-lines.ts"

interface Waiting {
  resolve: (lines: CodeToken[][]) => void
  reject: (error: Error) => void
}
const waiting = new Map<number, Waiting>()
let worker: Worker | null = null
let last = 0

/** {@link highlight} in a worker of its own, started when first needed and then kept. */
export function highlightInWorker(text: string, path: string): Promise<CodeToken[][]> {
  worker ??= startWorker()
  const id = ++last
  const answer = new Promise<CodeToken[][]>((resolve, reject) => waiting.set(id, { resolve, reject }))
  worker.postMessage({ id, text, path } satisfies HighlightRequest)
  return answer
}

function startWorker(): Worker {
  const started = new Worker(new URL("./highlight-worker.ts", import.meta.url), { type: "module" })
  started.addEventListener("message", ({ data }: MessageEvent<HighlightAnswer>) => {
    const asked = waiting.get(data.id)
    waiting.delete(data.id)
    if ("lines" in data) asked?.resolve(data.lines)
    else asked?.reject(new Error(data.error))
  })
  started.addEventListener("error", () => {
    for (const { reject } of waiting.values()) reject(new Error("The highlighter could not start."))
    waiting.clear()
  })
  return started
}
