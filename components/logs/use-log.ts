"use client"
import { useCallback, useEffect, useReducer, useRef, useState } from "react"
import type { LogLine, LogPage } from "#lib/contracts/api/runs.ts"
import { adviceFor, getJson } from "../queries/client.ts"
import { FilteredLog } from "./filtered-log.ts"
import { type LineWindow, LogBuffer } from "./log-buffer.ts"
import { tailLog } from "./tail-log.ts"

export type LogLevel = LogLine["level"]

/** A log as the viewer reads it: rows by 0-based index, whatever is filtered and however long the log is. */
export interface LogView {
  /** Rows to show; null until the first answer. */
  rows: number | null
  at(row: number): LogLine | null
  /** Row that shows a line, or the nearest after it; null where a filter hides all of those that are loaded. */
  rowOf(line: number): number | null
  /** Says which rows are on screen (0-based, end excluded), so that they get fetched. */
  need(start: number, end: number): void
  /** The lines in memory, in no order; `version` changes when they do. */
  loaded(): Iterable<LogLine>
  version: number
  firstErrorLine: number | null
  totalLines: number
  error: string | null
  retry(): void
}

/**
 * Reads an attempt's log by windows, keeps a bounded part of it, and follows it while `isLive`. With a `level` only lines
 * of that level and above are rows. Give the component that uses it `key={attemptId + level}`: a log never changes into
 * another one.
 */
export function useLog(attemptId: string, level: LogLevel | null, isLive: boolean): LogView {
  const [version, repaint] = useReducer((count: number) => count + 1, 0)
  const [head, setHead] = useState<{ total: number; firstErrorLine: number | null } | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [source] = useState(() => (level === null ? new LogBuffer() : new FilteredLog()))
  const needed = useRef({ start: 0, end: 100 })
  const hasFailed = useRef(false)

  const load = useCallback(
    async (window: LineWindow, signal?: AbortSignal) => {
      try {
        const page = await getJson<LogPage>(
          `/attempts/${attemptId}/logs`,
          { from: window.from, limit: window.limit, level },
          signal,
        )
        if (source instanceof LogBuffer) source.grow(page.totalLines)
        else source.expect(page.matches)
        source.put(page.lines, window)
        setHead((before) => ({
          total: Math.max(before?.total ?? 0, page.totalLines),
          firstErrorLine: page.firstErrorLine,
        }))
        setError(null)
      } catch (cause) {
        if (!signal?.aborted) {
          hasFailed.current = true
          setError(adviceFor(cause))
        }
      } finally {
        source.settle(window)
        repaint()
      }
    },
    [attemptId, level, source],
  )
  const need = useCallback(
    (start: number, end: number) => {
      needed.current = { start, end }
      // After a failure only a person tries again: what is on screen would ask without end.
      if (hasFailed.current) return
      for (const window of source.missing(start + 1, end)) void load(window)
    },
    [source, load],
  )

  // Outside React: the first window of the log, over the network.
  useEffect(() => {
    const stop = new AbortController()
    void load({ from: 1, limit: 200 }, stop.signal)
    return () => stop.abort()
  }, [load])

  const isLoaded = head !== null
  // Outside React: the server's stream of new lines, from where the first answer ended.
  useEffect(() => {
    if (!isLive || !isLoaded) return
    return tailLog(attemptId, source.tailFrom, (lines) => {
      const last = lines.at(-1)
      if (!last) return
      if (source instanceof LogBuffer) source.put(lines)
      else source.append(lines.filter((line) => isAtLeast(line.level, level)))
      const failed = lines.find((line) => line.level === "error")
      setHead((before) => ({
        total: Math.max(before?.total ?? 0, last.line),
        firstErrorLine: before?.firstErrorLine ?? failed?.line ?? null,
      }))
      repaint()
    })
  }, [attemptId, isLive, isLoaded, level, source])

  // Outside React: what the live stream may have missed before the attempt ended.
  const wasLive = useRef(isLive)
  useEffect(() => {
    if (wasLive.current && !isLive) void load({ from: source.tailFrom, limit: 1_000 })
    wasLive.current = isLive
  }, [isLive, load, source])

  return {
    rows: head === null ? null : source.rows,
    at: (row) => source.at(row),
    rowOf: (line) => source.rowOf(line),
    need,
    loaded: () => source.loaded(),
    version,
    firstErrorLine: head?.firstErrorLine ?? null,
    totalLines: head?.total ?? 0,
    error,
    retry: () => {
      hasFailed.current = false
      setError(null)
      void load({ from: source.tailFrom, limit: 200 })
    },
  }
}

const ORDER: readonly LogLevel[] = ["debug", "info", "warn", "error"]

/** Whether a line passes a filter for `lowest` and above. */
export function isAtLeast(level: LogLevel, lowest: LogLevel | null): boolean {
  return lowest === null || ORDER.indexOf(level) >= ORDER.indexOf(lowest)
}
