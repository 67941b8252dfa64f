"use client"
import {
  type KeyboardEvent,
  type Ref,
  type UIEvent,
  useEffect,
  useImperativeHandle,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react"
import type { LogLine } from "#lib/contracts/api/runs.ts"
import { formatInstant, formatUtc } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { cn } from "../ui/cn.ts"
import { contentHeight, LINE_HEIGHT, progressTo, rowsOf, visibleLines } from "./line-viewport.ts"
import { matchParts } from "./match-parts.ts"
import type { LogView } from "./use-log.ts"

export interface LogLinesHandle {
  scrollToRow(row: number): void
}

/** Widths of number, time and level, and the margin; what is left is for the text. */
const FIXED_COLUMNS = 64 + 104 + 52 + 24
/** Advance of the monospace font at 12 px; only an estimate is needed. */
const CHARACTER = 7.1

/**
 * The lines of a log in a pane of their own: a screenful is drawn, whatever the log's length, and rows that are not here
 * yet are asked for. Own windowing and no list library: a million lines are taller than browsers draw, and the height of
 * a line with breaks in it is not known before it is here. Lines are text, never markup.
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
  const block = useRef<HTMLDivElement>(null)
  const isByHand = useRef(false)
  const [size, setSize] = useState({ width: 800, height: 0 })
  const [progress, setProgress] = useState(isFollowing ? 1 : 0)
  const columns = isWrapped
    ? Math.max(20, Math.floor((size.width - FIXED_COLUMNS) / CHARACTER))
    : Number.POSITIVE_INFINITY
  const meanHeight = useMeanHeight(log, columns)
  const shape = { height: size.height, lines: log.rows ?? 0, meanHeight }
  const total = contentHeight(shape)
  // A log that fits stands at the top, followed or not.
  const position = total <= size.height ? 0 : isFollowing ? 1 : progress
  const view = visibleLines(position, shape)

  // Outside React: the size of the pane.
  useEffect(() => {
    const element = pane.current
    if (!element) return
    const observer = new ResizeObserver(() => setSize({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  // Outside React: asks the server for what is about to be seen.
  useEffect(() => log.need(view.start, view.end))
  // Outside React: the scrollbar, when the log or the mean height of its lines grew, or a place was jumped to.
  useLayoutEffect(() => {
    const wanted = position * (total - size.height)
    // Within a pixel it is where the person put it: setting it would stop their momentum.
    if (pane.current && Math.abs(pane.current.scrollTop - wanted) > 1) pane.current.scrollTop = wanted
  }, [total, size.height, position])
  // Outside React: puts the drawn lines where their heights, known only now, want them.
  useLayoutEffect(() => {
    const anchor = block.current?.children[view.anchor - view.start] as HTMLElement | undefined
    if (!block.current || !pane.current || !anchor) return
    const y = pane.current.scrollTop + view.at - anchor.offsetTop - view.within * anchor.offsetHeight
    block.current.style.transform = `translateY(${y}px)`
  })
  useImperativeHandle(
    ref,
    () => ({
      scrollToRow: (row) => {
        onFollowChange(false)
        // The pane's height as it is now: the first jump comes before it was observed.
        setProgress(progressTo(row, { height: pane.current?.clientHeight ?? 0, lines: log.rows ?? 0, meanHeight }))
      },
    }),
    [log.rows, meanHeight, onFollowChange],
  )

  const takeByHand = () => {
    isByHand.current = true
  }
  const onScroll = (event: UIEvent<HTMLElement>) => {
    // While the end is followed the log's growth moves the scrollbar too; only a person ends the following.
    if (isFollowing && !isByHand.current) return
    const { scrollTop } = event.currentTarget
    const hidden = total - size.height
    const next = hidden <= 0 ? 0 : scrollTop / hidden
    // Our own setting of the scrollbar comes back as an event, rounded: it says nothing new.
    if (Math.abs(next - position) * hidden < 1) return
    if (isFollowing && hidden - scrollTop > LINE_HEIGHT) onFollowChange(false)
    setProgress(next)
  }
  const hit = errorBlock(log)
  return (
    <section
      ref={pane}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      onScroll={onScroll}
      onScrollEnd={() => {
        isByHand.current = false
      }}
      onWheel={takeByHand}
      onTouchMove={takeByHand}
      onPointerDown={takeByHand}
      onKeyDown={(event) => {
        takeByHand()
        onJumpKey(event)
      }}
      className={cn(
        "relative min-h-0 flex-1 overflow-auto bg-canvas font-mono text-12 leading-5 focus-visible:-outline-offset-2",
        isWrapped && "overflow-x-hidden",
      )}
    >
      <div className="relative min-h-full [overflow-y:clip]" style={{ height: total }}>
        <div ref={block} className={cn("absolute top-0 left-0 min-w-full", isWrapped ? "w-full" : "w-max")}>
          {Array.from({ length: view.end - view.start }, (_, i) => {
            const row = view.start + i
            const line = log.at(row)
            return line ? (
              <Line
                key={line.line}
                line={line}
                query={query}
                isWrapped={isWrapped}
                isHit={hit !== null && line.line >= hit.from && line.line <= hit.to}
                isCurrent={line.line === current}
                onPick={onPickLine}
              />
            ) : (
              <div key={`gap ${row}`} className="h-5 pl-[60px] text-t3">
                {"…"}
              </div>
            )
          })}
        </div>
      </div>
    </section>
  )
}

/** Mean height of the lines that are here, as they would be drawn. */
function useMeanHeight(log: LogView, columns: number): number {
  const { version, loaded } = log
  // biome-ignore lint/correctness/useExhaustiveDependencies: `version` changes exactly when `loaded` gives other lines
  return useMemo(() => {
    let rows = 0
    let lines = 0
    for (const line of loaded()) {
      rows += rowsOf(line.message, columns)
      lines++
    }
    return lines === 0 ? LINE_HEIGHT : (rows / lines) * LINE_HEIGHT
  }, [version, columns])
}

function Line({
  line,
  query,
  isWrapped,
  isHit,
  isCurrent,
  onPick,
}: {
  line: LogLine
  query: string
  isWrapped: boolean
  isHit: boolean
  isCurrent: boolean
  onPick: (line: number) => void
}) {
  const zone = useZone()
  return (
    <div
      className={cn(
        "grid min-h-5 items-start grid-cols-[64px_104px_52px_1fr] pr-6",
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
