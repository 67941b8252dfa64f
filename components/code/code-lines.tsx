"use client"
import "./code.css"
import { useQuery } from "@tanstack/react-query"
import { useEffect, useRef } from "react"
import { cn } from "../ui/cn.ts"
import type { DiffRow } from "./diff-rows.ts"
import { highlightInWorker } from "./highlight-client.ts"
import { type CodeToken, plainLines } from "./plain-lines.ts"
import type { SplitRow } from "./split-rows.ts"

const PANE =
  "min-h-0 flex-1 overflow-auto bg-surface py-2 font-mono text-12 leading-5 text-[var(--code-foreground)] focus-visible:-outline-offset-2"

/** A file with line numbers, in colour. `line` (1-based) is marked and brought into view. */
export function CodeLines({ path, text, line }: { path: string; text: string; line: number | null }) {
  const lines = useHighlighted(path, text)
  const marked = useRef<HTMLDivElement>(null)
  // Outside React: the scroll position.
  useEffect(() => marked.current?.scrollIntoView({ block: "center" }), [])
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={`Text of ${path}`} className={PANE}>
      <div className="w-max min-w-full">
        {lines.map((tokens, i) => {
          const number = i + 1
          return (
            <div
              key={number}
              ref={number === line ? marked : null}
              className={cn(
                "grid grid-cols-[64px_1fr] pr-6",
                number === line && "bg-selected shadow-[inset_3px_0_var(--accent)]",
              )}
            >
              <span className="select-none pr-4 text-right text-t3">{number}</span>
              <Tokens tokens={tokens} />
            </div>
          )
        })}
      </div>
    </section>
  )
}

/** A unified diff, in colour; signs and tints say what was added and removed. */
export function DiffLines({
  path,
  before,
  after,
  rows,
}: {
  path: string
  before: string
  after: string
  rows: readonly DiffRow[]
}) {
  const old = useHighlighted(path, before)
  const now = useHighlighted(path, after)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={`Changes of ${path}`} className={PANE}>
      <div className="w-max min-w-full">
        {rows.map((row, i) =>
          row.kind === "gap" ? (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of one diff never move
            <div key={i} className="select-none border-grid border-y bg-sunken px-6 text-t3">
              Unchanged lines
            </div>
          ) : (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: rows of one diff never move
              key={i}
              data-s={ROW_STATE[row.kind]}
              className={cn("grid grid-cols-[48px_48px_24px_1fr] pr-6", row.kind !== "same" && "bg-cb")}
            >
              <span className="select-none pr-3 text-right text-t3">{row.before}</span>
              <span className="select-none pr-3 text-right text-t3">{row.after}</span>
              <span className="text-ct">{SIGN[row.kind]}</span>
              <Tokens
                tokens={
                  (row.after === null ? old[row.before! - 1] : now[row.after - 1]) ?? [{ text: row.text, color: "" }]
                }
              />
            </div>
          ),
        )}
      </div>
    </section>
  )
}

/** The same change with the old text at the left and the new at the right. Long lines wrap: both sides stay in view. */
export function SplitDiffLines({
  path,
  before,
  after,
  rows,
}: {
  path: string
  before: string
  after: string
  rows: readonly SplitRow[]
}) {
  const old = useHighlighted(path, before)
  const now = useHighlighted(path, after)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
    <section tabIndex={0} aria-label={`Changes of ${path}`} className={PANE}>
      {rows.map((row, i) =>
        row.isGap ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of one diff never move
          <div key={i} className="select-none border-grid border-y bg-sunken px-6 text-t3">
            Unchanged lines
          </div>
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows of one diff never move
          <div key={i} className="grid grid-cols-2">
            <Side row={row.left} number={row.left?.before ?? null} lines={old} />
            <Side row={row.right} number={row.right?.after ?? null} lines={now} />
          </div>
        ),
      )}
    </section>
  )
}

function Side({ row, number, lines }: { row: DiffRow | null; number: number | null; lines: readonly CodeToken[][] }) {
  if (!row || row.kind === "gap") return <div className="border-grid border-l bg-sunken first:border-l-0" />
  return (
    <div
      data-s={ROW_STATE[row.kind]}
      className={cn(
        "grid min-w-0 grid-cols-[48px_20px_1fr] border-grid border-l pr-3 first:border-l-0 [&>span:last-child]:whitespace-pre-wrap [&>span:last-child]:break-words",
        row.kind !== "same" && "bg-cb",
      )}
    >
      <span className="select-none pr-3 text-right text-t3">{number}</span>
      <span className="text-ct">{SIGN[row.kind]}</span>
      <Tokens tokens={(number === null ? undefined : lines[number - 1]) ?? [{ text: row.text, color: "" }]} />
    </div>
  )
}

const SIGN = { same: " ", added: "+", removed: "-" } as const
const ROW_STATE = { same: undefined, added: "success", removed: "failed" } as const

function Tokens({ tokens }: { tokens: readonly CodeToken[] }) {
  return (
    <span className="whitespace-pre">
      {tokens.map((token, i) =>
        token.color === "" ? (
          token.text
        ) : (
          // biome-ignore lint/suspicious/noArrayIndexKey: tokens of one line never move
          <span key={i} style={{ color: token.color }}>
            {token.text}
          </span>
        ),
      )}
    </span>
  )
}

/** The lines in colour once that is worked out, plain until then: the text never waits for its colours. */
function useHighlighted(path: string, text: string): CodeToken[][] {
  const { data } = useQuery({
    queryKey: ["highlight", path, text],
    queryFn: () => highlightInWorker(text, path),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 60_000,
    retry: false,
  })
  return data ?? plainLines(text)
}
