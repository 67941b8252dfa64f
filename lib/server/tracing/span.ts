import { createHash } from "node:crypto"

/** A piece of work that is over. */
export interface Span {
  traceId: string
  spanId: string
  /** Null: the run itself. */
  parentSpanId: string | null
  name: string
  kind: "internal" | "client"
  /** Unix time in milliseconds. */
  startMs: number
  endMs: number
  attributes: Record<string, string | number | boolean>
  /** A code, never a message: those may carry data. Null: it went well. */
  error: string | null
}

export interface RunRef {
  runId: string
  /** Tells runs of equal ids apart that came from different databases. */
  createdAt: Date
}

/** What names a run's spans to those who write them: any worker makes the same ids, so they join in the collector. */
export interface RunTrace {
  /** 32 hexadecimal digits. */
  traceId: string
  runSpanId: string
  taskSpanId(taskRunId: string, generation: number): string
  attemptSpanId(attemptId: string): string
}

/** Ids by SHA-256 of ours; W3C Trace Context asks for no more than that they differ. */
export function runTraceOf({ runId, createdAt }: RunRef): RunTrace {
  const seed = `headrace/${createdAt.toISOString()}/run/${runId}`
  const spanId = (name: string) => hexOf(`${seed}/${name}`, 16)
  return {
    traceId: hexOf(seed, 32),
    runSpanId: spanId("span"),
    taskSpanId: (taskRunId, generation) => spanId(`task/${taskRunId}/${generation}`),
    attemptSpanId: (attemptId) => spanId(`attempt/${attemptId}`),
  }
}

/** Whether a run is among the `sample` part that is traced; every worker decides alike. */
export function isSampled(traceId: string, sample: number): boolean {
  return Number.parseInt(traceId.slice(0, 8), 16) < sample * 2 ** 32
}

/** The header that carries a trace on (W3C Trace Context, "traceparent"); a trace that is kept. */
export function traceparentOf(traceId: string, spanId: string): string {
  return `00-${traceId}-${spanId}-01`
}

function hexOf(text: string, digits: number): string {
  return createHash("sha256").update(text).digest("hex").slice(0, digits)
}
