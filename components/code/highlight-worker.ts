import { highlight } from "./highlight.ts"
import type { CodeToken } from "./plain-lines.ts"

export interface HighlightRequest {
  id: number
  text: string
  path: string
}
export type HighlightAnswer = { id: number; lines: CodeToken[][] } | { id: number; error: string }

// Runs in a worker: colouring a file takes tenths of a second, in which the page would not answer.
addEventListener("message", async ({ data }: MessageEvent<HighlightRequest>) => {
  try {
    postMessage({ id: data.id, lines: await highlight(data.text, data.path) } satisfies HighlightAnswer)
  } catch (error) {
    postMessage({ id: data.id, error: String(error) } satisfies HighlightAnswer)
  }
})
