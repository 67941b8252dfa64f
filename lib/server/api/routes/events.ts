import type { LiveSignal } from "../../events.ts"
import type { Api } from "../api.ts"
import { Alarm, SSE_PING, sseEvent, sseResponse } from "../sse.ts"

/** A reader this far behind reads its screens again instead. */
const MAX_WAITING = 1_000

/** What changes, as it changes. */
export function eventRoutes(api: Api): void {
  api.raw(
    {
      method: "get",
      path: "/events/stream",
      permission: "runs.read",
      tag: "Events",
      summary: "What changes, as it changes (server-sent events)",
      description:
        "Each message says that something changed, never its content. An event `resync` says that messages were missed: read again what you show.",
      mediaType: "text/event-stream",
    },
    async ({ request }) => sseResponse(follow(api, request.signal)),
  )
}

async function* follow(api: Api, signal: AbortSignal): AsyncGenerator<string> {
  const alarm = new Alarm(signal)
  let waiting: LiveSignal[] = []
  const unsubscribe = api.dependencies.events.subscribe((event) => {
    // Memory stays bounded whatever the reader does.
    waiting = waiting.length < MAX_WAITING ? [...waiting, event] : [{ type: "resync" }]
    alarm.wake()
  })
  try {
    yield "retry: 1000\n\n"
    while (!signal.aborted) {
      if (waiting.length === 0) {
        if (!(await alarm.sleep())) yield SSE_PING
        continue
      }
      const events = waiting
      waiting = []
      yield events.map((event) => sseEvent(event, event.type === "resync" ? { event: "resync" } : {})).join("")
    }
  } finally {
    unsubscribe()
  }
}
