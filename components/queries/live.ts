"use client"
import { hashKey, type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query"
import { useEffect, useSyncExternalStore } from "react"
import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { LiveEvent } from "#lib/contracts/api/system.ts"
import { pipelineKeys, runKeys } from "./keys.ts"
import { keysFor, patchRun, patchTaskRun } from "./live-keys.ts"
import { patchGrid } from "./patch-grid.ts"

/** `live` events arrive; `polling` the stream is broken and everything on screen is read again every few seconds. */
export type LiveState = "connecting" | "live" | "polling"

// Half a second: a run of a thousand tasks sends bursts, and a screen read twice a second is as live as an eye can tell.
const FLUSH_MS = 500
const POLL_MS = 5_000
const GRACE_MS = 4_000

let state: LiveState = "connecting"
const listeners = new Set<() => void>()

/** The state of the stream, for the dot in the top bar. */
export function useLiveState(): LiveState {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => state,
    () => "connecting" as const,
  )
}

/** Keeps the query cache current while mounted; once in the app. */
export function useLiveUpdates(): void {
  const client = useQueryClient()
  // Outside React: the server's event stream and the page's visibility.
  useEffect(() => startLive(client), [client])
}

function startLive(client: QueryClient): () => void {
  const batch = makeBatch(client)
  let source: EventSource | null = null
  let poll: ReturnType<typeof setInterval> | undefined
  let grace: ReturnType<typeof setTimeout> | undefined

  const toPolling = () => {
    if (state === "polling") return
    setState("polling")
    poll = setInterval(() => void client.invalidateQueries({ refetchType: "active" }), POLL_MS)
  }
  const open = () => {
    source = new EventSource("/api/v1/events/stream")
    source.onopen = () => {
      clearTimeout(grace)
      grace = undefined
      clearInterval(poll)
      // What changed while the stream was down was not told to us.
      if (state === "polling") void client.invalidateQueries()
      setState("live")
    }
    source.onmessage = (message: MessageEvent<string>) => {
      const event = parseEvent(message.data)
      if (!event) return
      if (event.type === "task_run") {
        client.setQueryData<RunDetail>(runKeys.detail(event.runId), (run) => run && patchTaskRun(run, event))
        const queryKey = pipelineKeys.grids(event.pipelineId)
        client.setQueriesData<PipelineGrid>({ queryKey }, (grid) => grid && patchGrid(grid, event))
        // What was not written in is read again, and so is an answer on its way, which may be older than what was.
        const isMapped = client
          .getQueriesData<PipelineGrid>({ queryKey, type: "active" })
          .some(([, grid]) => grid?.mapped.includes(event.taskId))
        if (isMapped || client.isFetching({ queryKey }) > 0) batch.add([queryKey])
      }
      if (event.type === "run") {
        client.setQueryData<RunDetail>(runKeys.detail(event.id), (run) => run && patchRun(run, event))
      }
      batch.add(keysFor(event))
    }
    // The server itself may have missed announcements while its own connection was away.
    source.addEventListener("resync", () => void client.invalidateQueries())
    source.onerror = () => {
      grace ??= setTimeout(toPolling, GRACE_MS)
      // The browser tries again by itself, except after an answer that is no event stream.
      if (source?.readyState === EventSource.CLOSED) {
        source = null
        setTimeout(() => source === null && !document.hidden && open(), POLL_MS)
      }
    }
  }
  const close = () => {
    source?.close()
    source = null
    clearTimeout(grace)
    grace = undefined
    clearInterval(poll)
  }
  // A hidden tab gives its connection back: browsers allow six to one host, and many people keep many tabs.
  const onVisibility = () => {
    if (document.hidden) {
      close()
      setState("connecting")
    } else if (source === null) {
      open()
      void client.invalidateQueries()
    }
  }
  if (!document.hidden) open()
  document.addEventListener("visibilitychange", onVisibility)
  return () => {
    document.removeEventListener("visibilitychange", onVisibility)
    close()
    batch.stop()
  }
}

/** Collects keys and invalidates each once per {@link FLUSH_MS}. */
function makeBatch(client: QueryClient) {
  const keys = new Map<string, QueryKey>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const flush = () => {
    timer = undefined
    const due = [...keys.entries()]
    keys.clear()
    for (const [hash, queryKey] of due) {
      // A read in flight may have begun before the change, and cancelling it would starve slow reads: read again after it.
      if (client.isFetching({ queryKey }) > 0) keys.set(hash, queryKey)
      else void client.invalidateQueries({ queryKey })
    }
    if (keys.size > 0) timer = setTimeout(flush, FLUSH_MS)
  }
  return {
    add(more: QueryKey[]) {
      for (const key of more) keys.set(hashKey(key), key)
      if (keys.size > 0) timer ??= setTimeout(flush, FLUSH_MS)
    },
    stop: () => clearTimeout(timer),
  }
}

function parseEvent(data: string): LiveEvent | null {
  try {
    return JSON.parse(data) as LiveEvent
  } catch {
    return null
  }
}

function setState(next: LiveState) {
  if (state === next) return
  state = next
  for (const listener of listeners) listener()
}
