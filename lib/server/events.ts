import { type LiveEvent, liveEventSchema } from "#lib/contracts/api/system.ts"
import { Listener } from "#lib/store/listener.ts"
import { EVENTS_CHANNEL } from "#lib/store/notify.ts"
import { log } from "./log.ts"

/** `resync`: events may have been missed; read again what is shown. */
export type LiveSignal = LiveEvent | { type: "resync" }

export interface LiveEvents {
  /** Calls `listener` for each event from now on, until the returned function is called. */
  subscribe(listener: (signal: LiveSignal) => void): () => void
  close(): Promise<void>
}

/**
 * One LISTEN connection for all who follow events in this process. It opens with the first subscriber. What happened
 * before it listens, or while it was lost, is unknown, so whoever follows by then is told to `resync`.
 */
export function createLiveEvents(databaseUrl: string): LiveEvents {
  const listeners = new Set<(signal: LiveSignal) => void>()
  const emit = (signal: LiveSignal) => {
    for (const listener of listeners) listener(signal)
  }
  const listener = new Listener({
    databaseUrl,
    channels: [EVENTS_CHANNEL],
    applicationName: "headrace-events",
    onNotification: (_channel, payload) => {
      const event = parse(payload)
      if (event) emit(event)
    },
    onReady: () => emit({ type: "resync" }),
    onError: (error) => log.warn({ error: error.message }, "event connection lost, opening it again"),
  })
  let isOpen = false
  return {
    subscribe(subscriber) {
      listeners.add(subscriber)
      if (!isOpen) {
        isOpen = true
        void listener.start()
      }
      return () => listeners.delete(subscriber)
    },
    async close() {
      listeners.clear()
      await listener.close()
    },
  }
}

function parse(payload: string): LiveEvent | null {
  try {
    return liveEventSchema.parse(JSON.parse(payload))
  } catch {
    log.warn("an event on the event channel is not one of ours")
    return null
  }
}
