"use client"
import {
  type KeyboardEvent,
  type Ref,
  useCallback,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
} from "react"
import type { LogLine } from "#lib/contracts/api/runs.ts"
import { formatInstant, formatUtc } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { cn } from "../ui/cn.ts"
import { contentHeight, LINE_HEIGHT, scrollTopFor, visibleLines } from "./line-viewport.ts"
import { matchParts } from "./match-parts.ts"
import type { LogView } from "./use-log.ts"

export interface LogLinesHandle {
  scrollToRow(row: number): void
  scrollToEnd(): void
}

/**
 * The lines of a log in a pane of their own: a screenful is drawn, whatever the log's length, and rows that are not here
 * yet are asked for. Own windowing and no list library: a million lines are taller than browsers draw, and wrapped lines
 * have heights nobody knows in advance. Lines are text, never markup.
 */
export function LogLines({
  log,
  label,
  query,
  current,
  isWrapped,
  isFollowing,
  onFollowChange,
  onPickLine,
  ref,
}: {
  log: LogView
  label: string
  query: string
  /** Number of the line to mark: a search hit, or the one in the address. */
  current: number | null
  isWrapped: boolean
  isFollowing: boolean
  onFollowChange: (isFollowing: boolean) => void
  onPickLine: (line: number) => void
  ref: Ref<LogLinesHandle>
}) {
  const pane = useRef<HTMLElement>(null)
  const firstLine = useRef<HTMLDivElement>(null)
  const [scroll, setScroll] = useState({ top: 0, height: 0 })
  const [firstHeight, setFirstHeight] = useState(LINE_HEIGHT)
  const rows = log.rows ?? 0
  const total = contentHeight(rows, scroll.height, isWrapped)
  const view = visibleLines(scroll.top, scroll.height, rows, isWrapped)

  const measure = useCallback(() => {
    const element = pane.current
    if (element) setScroll({ top: element.scrollTop, height: element.clientHeight })
  }, [])
  // Outside React: the size of the pane.
  useEffect(() => {
    const observer = new ResizeObserver(measure)
    if (pane.current) observer.observe(pane.current)
    return () => observer.disconnect()
  }, [measure])
  // Outside React: asks the server for what is about to be seen.
  useEffect(() => log.need(view.start, view.end))
  // Outside React: how tall the wrapped line at the top came out.
  useLayoutEffect(() => {
    if (isWrapped && firstLine.current) setFirstHeight(firstLine.current.offsetHeight)
  })
  // Outside React: the scroll position, while the end is followed.
  useLayoutEffect(() => {
    if (isFollowing && pane.current) pane.current.scrollTop = total
  }, [isFollowing, total])
  useImperativeHandle(
    ref,
    () => ({
      scrollToRow: (row) => {
        onFollowChange(false)
        if (pane.current) pane.current.scrollTop = scrollTopFor(row, pane.current.clientHeight, rows, isWrapped)
      },
      scrollToEnd: () => {
        if (pane.current) pane.current.scrollTop = pane.current.scrollHeight
      },
    }),
    [rows, isWrapped, onFollowChange],
  )

  const above = isWrapped ? view.offset * firstHeight : (view.top + view.offset - view.start) * LINE_HEIGHT
  const hit = errorBlock(log)
  return (
    <section
      ref={pane}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={(event) => {
        measure()
        const { scrollTop, scrollHeight, clientHeight } = event.currentTarget
        if (isFollowing && scrollTop + clientHeight < scrollHeight - LINE_HEIGHT * 2) onFollowChange(false)
      }}
      onKeyDown={onJumpKey}
      className={cn(
        "relative min-h-0 flex-1 overflow-auto bg-canvas font-mono text-12 leading-5 focus-visible:-outline-offset-2",
        isWrapped && "overflow-x-hidden",
      )}
    >
      <div style={{ height: total }} />
      <div
        className={cn("absolute top-0 left-0 min-w-full", isWrapped ? "w-full" : "w-max")}
        style={{ transform: `translateY(${Math.max(0, scroll.top - above)}px)` }}
      >
        {Array.from({ length: view.end - view.start }, (_, i) => {
          const row = view.start + i
          const line = log.at(row)
          return line ? (
            <Line
              key={line.line}
              ref={i === 0 ? firstLine : null}
              line={line}
              query={query}
              isWrapped={isWrapped}
              isHit={hit !== null && line.line >= hit.from && line.line <= hit.to}
              isCurrent={line.line === current}
              onPick={onPickLine}
            />
          ) : (
            <div key={`gap ${row}`} ref={i === 0 ? firstLine : null} className="h-5 pl-[60px] text-t3">
              {"…"}
            </div>
          )
        })}
      </div>
    </section>
  )
}

function Line({
  line,
  query,
  isWrapped,
  isHit,
  isCurrent,
  onPick,
  ref,
}: {
  line: LogLine
  query: string
  isWrapped: boolean
  isHit: boolean
  isCurrent: boolean
  onPick: (line: number) => void
  ref: Ref<HTMLDivElement> | null
}) {
  const zone = useZone()
  return (
    <div
      ref={ref}
      className={cn(
        "grid min-h-5 grid-cols-[64px_104px_52px_1fr] pr-6",
        LOOK[line.level].line,
        isHit && "bg-failed-b shadow-[inset_3px_0_var(--st-failed)]",
        isCurrent && "bg-selected shadow-[inset_3px_0_var(--accent)]",
      )}
    >
      <button
        type="button"
        tabIndex={-1}
        aria-label={`Link to line ${line.line}`}
        onClick={() => onPick(line.line)}
        className="select-none pr-4 text-right text-t3 hover:text-accent-t"
      >
        {line.line}
      </button>
      <time dateTime={line.at} title={formatUtc(line.at)} className="select-none text-t3">
        {formatInstant(line.at, zone, "seconds")}.{line.at.slice(20, 23).padEnd(3, "0")}
      </time>
      <span className={cn("select-none", LOOK[line.level].level)}>{line.level.toUpperCase()}</span>
      <span className={isWrapped ? "whitespace-pre-wrap break-words [overflow-wrap:anywhere]" : "whitespace-pre"}>
        {matchParts(line.message, query).map((part) =>
          part.isMatch ? (
            <mark key={part.at} className="rounded-[2px] bg-transparent text-inherit outline outline-1 outline-current">
              {part.text}
            </mark>
          ) : (
            part.text
          ),
        )}
      </span>
    </div>
  )
}

const LOOK = {
  debug: { line: "text-t3", level: "" },
  info: { line: "", level: "text-t2" },
  warn: { line: "", level: "font-strong text-risk-t" },
  error: { line: "text-failed-t", level: "font-strong" },
} as const satisfies Record<LogLine["level"], { line: string; level: string }>

/** Lines of the first error: an error's text and stack come as consecutive lines. */
function errorBlock(log: LogView): { from: number; to: number } | null {
  const from = log.firstErrorLine
  const row = from === null ? null : log.rowOf(from)
  if (from === null || row === null) return null
  let to = from
  // A stack is rarely longer; beyond, only the tint ends.
  for (let ahead = 1; ahead < 100; ahead++) {
    const line = log.at(row + ahead)
    if (line?.level !== "error" || line.line !== to + 1) break
    to = line.line
  }
  return { from, to }
}

/** Home and End, which browsers give to the document and not to a pane. */
function onJumpKey(event: KeyboardEvent<HTMLElement>) {
  if (event.key === "Home") event.currentTarget.scrollTop = 0
  else if (event.key === "End") event.currentTarget.scrollTop = event.currentTarget.scrollHeight
  else return
  event.preventDefault()
}
