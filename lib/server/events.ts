import pg from "pg"
import { type LiveEvent, liveEventSchema } from "#lib/contracts/api/system.ts"
import { EVENTS_CHANNEL } from "#lib/store/notify.ts"
import { log } from "./log.ts"

/** `resync`: events may have been missed; read again what is shown. */
export type LiveSignal = LiveEvent | { type: "resync" }

export interface LiveEvents {
  /** Calls `listener` for each event from now on, until the returned function is called. */
  subscribe(listener: (signal: LiveSignal) => void): () => void
  close(): Promise<void>
}

const FIRST_DELAY_MS = 250
const LAST_DELAY_MS = 5_000

/**
 * One LISTEN connection for all who follow events in this process. It opens with the first subscriber, and when it breaks
 * it is opened again with growing delay. What happened before it listens is unknown, so whoever follows by then is told to
 * `resync`.
 */
export function createLiveEvents(databaseUrl: string): LiveEvents {
  const listeners = new Set<(signal: LiveSignal) => void>()
  let client: pg.Client | null = null
  let timer: NodeJS.Timeout | undefined
  let delayMs = FIRST_DELAY_MS
  let state: "idle" | "open" | "closed" = "idle"

  const emit = (signal: LiveSignal) => {
    for (const listener of listeners) listener(signal)
  }
  const connect = async (): Promise<void> => {
    const current = new pg.Client({
      connectionString: databaseUrl,
      application_name: "headrace-events",
      keepAlive: true,
      connectionTimeoutMillis: 10_000,
    })
    client = current
    let isOver = false
    const again = (error?: Error) => {
      if (isOver) return
      isOver = true
      current.end().catch(() => {})
      if (state === "closed") return
      log.warn({ error: error?.message, delayMs }, "event connection lost, opening it again")
      timer = setTimeout(() => void connect(), delayMs)
      delayMs = Math.min(LAST_DELAY_MS, delayMs * 2)
    }
    current.on("error", again)
    current.on("end", () => again())
    current.on("notification", ({ payload }) => {
      const event = parse(payload)
      if (event) emit(event)
    })
    try {
      await current.connect()
      await current.query(`listen ${EVENTS_CHANNEL}`)
      delayMs = FIRST_DELAY_MS
      emit({ type: "resync" })
    } catch (error) {
      again(error instanceof Error ? error : undefined)
    }
  }

  return {
    subscribe(listener) {
      listeners.add(listener)
      if (state === "idle") {
        state = "open"
        void connect()
      }
      return () => listeners.delete(listener)
    },
    async close() {
      state = "closed"
      clearTimeout(timer)
      listeners.clear()
      await client?.end().catch(() => {})
    },
  }
}

function parse(payload: string | undefined): LiveEvent | null {
  try {
    return liveEventSchema.parse(JSON.parse(payload ?? ""))
  } catch {
    log.warn("an event on the event channel is not one of ours")
    return null
  }
}
