import { z } from "@hono/zod-openapi"
import { type LogLine, logQuerySchema } from "#lib/contracts/api/runs.ts"
import type { Store } from "#lib/store/client.ts"
import { iterateLog, readLogPage, readLogTail } from "#lib/store/read/logs.ts"
import { readAttempt } from "#lib/store/read/task-runs.ts"
import type { Api } from "../api.ts"
import { idParams, LogPage } from "../schemas.ts"
import { Alarm, SSE_PING, sseEvent, sseResponse, streamResponse } from "../sse.ts"

const tag = "Logs"
const STREAM_LINES = 500
/** A notification that got lost costs no more than this. */
const BACKSTOP_MS = 2_000

/** Logs of attempts: in pages with search, as a live tail, and as a file. */
export function logRoutes(api: Api): void {
  api.json(
    {
      method: "get",
      path: "/attempts/{id}/logs",
      permission: "logs.read",
      tag,
      summary: "Lines of an attempt's log, from a line on or from the end, searched and filtered",
      params: idParams,
      query: logQuerySchema,
      answer: LogPage,
    },
    ({ store, params, query }) => readLogPage(store.pool, params.id, query),
  )

  api.raw(
    {
      method: "get",
      path: "/attempts/{id}/logs/stream",
      permission: "logs.read",
      tag,
      summary: "An attempt's log as it is written (server-sent events)",
      description:
        "Events `lines` carry arrays of log lines; `end` follows the last one once the attempt has ended. A broken connection continues after the last line received (Last-Event-ID).",
      params: idParams,
      query: z.object({ from: z.coerce.number().int().min(1).max(2_147_483_647).default(1) }),
      mediaType: "text/event-stream",
    },
    async ({ params, query, request }) => {
      const store = await api.dependencies.store()
      const seen = Number(request.headers.get("last-event-id") ?? Number.NaN)
      const after = Number.isSafeInteger(seen) && seen >= 0 ? seen : query.from - 1
      // Read before the stream begins, so that an unknown attempt is a plain 404.
      const first = await readLogTail(store.pool, params.id, after, 0)
      return sseResponse(tailLog(api, store, { id: params.id, runId: first.runId, after, signal: request.signal }))
    },
  )

  api.raw(
    {
      method: "get",
      path: "/attempts/{id}/logs/download",
      permission: "logs.read",
      tag,
      summary: "An attempt's whole log as a text file",
      params: idParams,
      mediaType: "text/plain",
    },
    async ({ params }) => {
      const store = await api.dependencies.store()
      const attempt = await readAttempt(store.pool, params.id)
      const name = `run-${attempt.runId}-${attempt.taskId}-${attempt.number}.log`.replace(/[^\w.-]/g, "_")
      return streamResponse(logText(store, params.id), {
        "content-type": "text/plain; charset=utf-8",
        "content-disposition": `attachment; filename="${name}"`,
      })
    },
  )
}

/** Reads on when told that there is more, until the attempt had ended before the last reading. */
async function* tailLog(
  api: Api,
  store: Store,
  attempt: { id: string; runId: string; after: number; signal: AbortSignal },
): AsyncGenerator<string> {
  const alarm = new Alarm(attempt.signal)
  const unsubscribe = api.dependencies.events.subscribe((signal) => {
    const isOurs =
      signal.type === "resync" ||
      (signal.type === "log" && signal.attemptId === attempt.id) ||
      (signal.type === "task_run" && signal.runId === attempt.runId)
    if (isOurs) alarm.wake()
  })
  try {
    yield "retry: 1000\n\n"
    for (let after = attempt.after, quietMs = 0; !attempt.signal.aborted; ) {
      const { state, lines } = await readLogTail(store.pool, attempt.id, after, STREAM_LINES)
      if (lines.length > 0) {
        after = lines.at(-1)!.line
        quietMs = 0
        yield sseEvent(lines, { event: "lines", id: String(after) })
        continue
      }
      if (state !== "running") {
        yield sseEvent({ state, totalLines: after }, { event: "end" })
        return
      }
      if (await alarm.sleep(BACKSTOP_MS)) continue
      quietMs += BACKSTOP_MS
      if (quietMs % 16_000 === 0) yield SSE_PING
    }
  } finally {
    unsubscribe()
  }
}

async function* logText(store: Store, attemptId: string): AsyncGenerator<string> {
  for await (const lines of iterateLog(store.pool, attemptId)) yield lines.map(asText).join("")
}

function asText({ at, level, message }: LogLine): string {
  return `${at} ${level.toUpperCase().padEnd(5)} ${message}\n`
}
