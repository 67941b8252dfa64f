"use client"
import { parseAsBoolean, parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react"
import { formatCount } from "../format/count.ts"
import { withQuery } from "../queries/client.ts"
import { Button, ButtonLink } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { SearchInput } from "../ui/input.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { copyLog } from "./copy-log.ts"
import { LogLines, type LogLinesHandle } from "./log-lines.tsx"
import { useLevelCounts } from "./use-level-counts.ts"
import { useLog } from "./use-log.ts"
import { useLogSearch } from "./use-log-search.ts"

const LEVELS = ["all", "warn", "error"] as const
const ADDRESS = {
  q: parseAsString.withDefault(""),
  level: parseAsStringLiteral(LEVELS).withDefault("all"),
  line: parseAsInteger,
  wrap: parseAsBoolean.withDefault(false),
}
/** A live log is searched and counted again after so many new lines. */
const LIVE_STEP = 200

/**
 * The log of one attempt: search over the whole of it on the server, levels, first error (`f`), wrap, copy, download,
 * live end. What is searched, filtered and marked is in the address. Give it `key={attemptId}`. `lead` stands at the
 * bar's left.
 */
export function LogViewer({
  attemptId,
  isLive,
  label,
  lead,
}: {
  attemptId: string
  isLive: boolean
  label: string
  lead?: ReactNode
}) {
  const [{ q, level, line, wrap }, setAddress] = useQueryStates(ADDRESS, { throttleMs: 200 })
  return (
    <LogBody
      key={level}
      attemptId={attemptId}
      isLive={isLive}
      label={label}
      lead={lead}
      q={q}
      level={level}
      line={line}
      isWrapped={wrap}
      set={(change) => void setAddress(change)}
    />
  )
}

interface BodyProps {
  attemptId: string
  isLive: boolean
  label: string
  lead: ReactNode
  q: string
  level: (typeof LEVELS)[number]
  line: number | null
  isWrapped: boolean
  set: (change: { q?: string; level?: (typeof LEVELS)[number]; line?: number | null; wrap?: boolean }) => void
}

function LogBody({ attemptId, isLive, label, lead, q, level, line, isWrapped, set }: BodyProps) {
  const lowest = level === "all" ? null : level
  const log = useLog(attemptId, lowest, isLive)
  const version = isLive ? Math.floor(log.totalLines / LIVE_STEP) : log.totalLines
  const isReady = log.rows !== null
  const search = useLogSearch(attemptId, isReady ? q : "", lowest, version)
  const counts = useLevelCounts(attemptId, version, isReady)
  const lines = useRef<LogLinesHandle>(null)
  const [isFollowing, setFollowing] = useState(isLive && line === null)
  const hit = line === null ? -1 : search.lines.indexOf(line)

  const goTo = (number: number) => {
    set({ line: number })
    const row = log.rowOf(number)
    if (row !== null) lines.current?.scrollToRow(row)
  }
  const step = (by: 1 | -1) => {
    const found = search.lines
    if (found.length === 0) return
    const at = hit === -1 ? nextFrom(found, line ?? 0, by) : (hit + by + found.length) % found.length
    if (at > found.length - 20) search.fetchMore()
    goTo(found[at]!)
  }
  useOpening(isReady, () => {
    const wanted = line ?? (isLive ? null : log.firstErrorLine)
    const row = wanted === null ? null : log.rowOf(wanted)
    if (row !== null) lines.current?.scrollToRow(row)
  })

  const actions = useRef({ firstError: () => {}, step, toggleWrap: () => {} })
  actions.current = {
    firstError: () => (log.firstErrorLine === null ? undefined : goTo(log.firstErrorLine)),
    step,
    toggleWrap: () => set({ wrap: !isWrapped }),
  }
  useKeys(
    useMemo<Shortcut[]>(
      () => [
        { keys: "f", label: "First error", group: "Log", run: () => actions.current.firstError() },
        { keys: "n", label: "Next match", group: "Log", run: () => actions.current.step(1) },
        { keys: "p", label: "Previous match", group: "Log", run: () => actions.current.step(-1) },
        { keys: "w", label: "Wrap lines", group: "Log", run: () => actions.current.toggleWrap() },
      ],
      [],
    ),
  )
  const onSearchKey = (event: KeyboardEvent) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1)
  }

  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex min-h-10 flex-none flex-wrap items-center gap-2 border-line border-y px-6 py-1.5 max-sm:px-4">
        {lead}
        <Segmented
          label="Lowest level shown"
          value={level}
          onValueChange={(next) => set({ level: next })}
          options={[
            { value: "all", label: "All" },
            { value: "warn", label: counted("Warnings", counts.warnings) },
            { value: "error", label: counted("Errors", counts.errors) },
          ]}
        />
        <div className="ml-auto flex flex-wrap items-center gap-2">
          {/* biome-ignore lint/a11y/noStaticElementInteractions: Enter in the field inside steps through the matches */}
          <div className="flex items-center" onKeyDown={onSearchKey}>
            <span className="relative">
              <SearchInput
                label="Search this log"
                value={q}
                onValueChange={(text) => set({ q: text })}
                className={cn("h-6 w-[188px] text-12", q !== "" && "pr-[72px]")}
              />
              <span
                aria-live="polite"
                className="pointer-events-none absolute inset-y-0 right-2 flex items-center whitespace-nowrap text-12 text-t3"
              >
                {q !== "" && matchWords(search.count, hit, search.isSearching)}
              </span>
            </span>
            {q !== "" && (
              <>
                <Button size="sm" variant="ghost" icon="up" aria-label="Previous match" onClick={() => step(-1)} />
                <Button size="sm" variant="ghost" icon="down" aria-label="Next match" onClick={() => step(1)} />
              </>
            )}
          </div>
          <Button
            size="sm"
            icon="down"
            hint="F"
            disabled={log.firstErrorLine === null}
            title={log.firstErrorLine === null ? "This log has no error" : undefined}
            onClick={() => actions.current.firstError()}
          >
            First error
          </Button>
          {isLive && (
            <Button size="sm" aria-pressed={isFollowing} onClick={() => setFollowing(!isFollowing)}>
              {isFollowing ? "Following" : "Follow"}
            </Button>
          )}
          <Button
            size="sm"
            variant="ghost"
            icon="wrap"
            aria-label="Wrap lines"
            title="Wrap lines (w)"
            aria-pressed={isWrapped}
            className={isWrapped ? "bg-selected text-accent-t" : ""}
            onClick={() => set({ wrap: !isWrapped })}
          />
          <Button
            size="sm"
            variant="ghost"
            icon="copy"
            aria-label="Copy log"
            title="Copy log"
            onClick={() => void copyLog(attemptId, lowest, q)}
          />
          <ButtonLink size="sm" variant="ghost" className="w-6 px-0">
            <a
              href={withQuery(`/attempts/${attemptId}/logs/download`, {})}
              download
              aria-label="Download log"
              title="Download log"
            >
              <Icon name="dl" />
            </a>
          </ButtonLink>
        </div>
      </div>
      {log.error !== null && (
        <ErrorState title="The log could not be read" message={log.error} onRetry={log.retry} className="flex-none" />
      )}
      {log.rows === null && log.error === null && <SkeletonRows rows={8} rowHeight={20} label="Loading the log" />}
      {log.rows === 0 && <NoLines isLive={isLive} level={level} onShowAll={() => set({ level: "all" })} />}
      {log.rows !== null && log.rows > 0 && (
        <LogLines
          ref={lines}
          log={log}
          label={label}
          query={q.trim()}
          current={line}
          isWrapped={isWrapped}
          isFollowing={isFollowing}
          onFollowChange={setFollowing}
          onPickLine={(number) => set({ line: number === line ? null : number })}
        />
      )}
    </div>
  )
}

function NoLines({ isLive, level, onShowAll }: { isLive: boolean; level: string; onShowAll: () => void }) {
  if (level !== "all") {
    return (
      <EmptyState
        title={level === "error" ? "This log has no error." : "This log has no warning and no error."}
        action={<Button onClick={onShowAll}>Show all lines</Button>}
      />
    )
  }
  return isLive ? (
    <EmptyState title="No line yet.">Lines appear here as the task writes them.</EmptyState>
  ) : (
    <EmptyState title="This try wrote no log.">What a task prints and logs is kept here.</EmptyState>
  )
}

/** Runs `act` once, after the first lines are on screen. */
function useOpening(isReady: boolean, act: () => void) {
  const isDone = useRef(false)
  const latest = useRef(act)
  latest.current = act
  // Outside React: the scroll position of the pane.
  useEffect(() => {
    if (!isReady || isDone.current) return
    isDone.current = true
    requestAnimationFrame(() => latest.current())
  }, [isReady])
}

function nextFrom(lines: readonly number[], from: number, by: 1 | -1): number {
  const at = by === 1 ? lines.findIndex((line) => line >= from) : lines.findLastIndex((line) => line <= from)
  return at === -1 ? (by === 1 ? 0 : lines.length - 1) : at
}

function matchWords(count: number | null, hit: number, isSearching: boolean): string {
  if (count === null) return isSearching ? "Searching" : ""
  if (count === 0) return "No match"
  return hit === -1 ? formatCount(count) : `${formatCount(hit + 1)} of ${formatCount(count)}`
}

function counted(word: string, count: number | null) {
  return (
    <>
      {word}
      {count !== null && <span className="font-body">{formatCount(count)}</span>}
    </>
  )
}
