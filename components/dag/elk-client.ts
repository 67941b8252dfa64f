import type { ELK } from "elkjs/lib/elk-api.js"

let elk: Promise<ELK> | null = null

/** The layout engine, in a Web Worker of its own; both are loaded when the first graph is drawn and then kept. */
export function elkInWorker(): Promise<ELK> {
  elk ??= import("elkjs/lib/elk-api.js").then(
    ({ default: Elk }) =>
      new Elk({ workerFactory: () => new Worker(new URL("elkjs/lib/elk-worker.min.js", import.meta.url)) }),
  )
  return elk
}
