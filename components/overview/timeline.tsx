"use client"
import { useRouter } from "next/navigation"
import { type MouseEvent, useMemo } from "react"
import type { Overview } from "#lib/contracts/api/system.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { STATUS } from "../status/status-map.ts"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { axisHours, groupTimeline, type TimelineRow, timelineWindow, type Window } from "./timeline-model.ts"

// Name column and track, on every row alike.
const GRID = "grid grid-cols-[152px_minmax(0,1fr)] max-sm:grid-cols-[112px_minmax(0,1fr)]"

/** All runs of the last day as marks on one row a pipeline, with what comes next. */
export function Timeline({ overview, by }: { overview: Overview; by: "owner" | "tag" }) {
  const zone = useZone()
  const now = Date.parse(overview.generatedAt)
  const window = useMemo(() => timelineWindow(now), [now])
  const groups = useMemo(() => groupTimeline(overview.timeline, by, window), [overview.timeline, by, window])
  const hours = axisHours(window, (at) => Number(formatInstant(at, zone, "time").slice(0, 2)))
  const nowShare = (window.now - window.start) / (window.end - window.start)
  return (
    <div className="relative pb-5">
      <div className={GRID} aria-hidden="true">
        <span />
        <div className="relative h-4">
          {hours.map((hour, index) => (
            <span
              key={hour.at}
              style={{ left: `${hour.share * 100}%` }}
              className={`absolute -translate-x-1/2 text-11 text-t3 ${index % 2 === 1 ? "max-md:hidden" : ""}`}
            >
              {formatInstant(hour.at, zone, "time")}
            </span>
          ))}
        </div>
      </div>
      <Backdrop
        hours={hours.map((hour) => hour.share)}
        nowShare={nowShare}
        nowText={formatInstant(now, zone, "time")}
      />
      {groups.map((group) => (
        <section key={group.name} aria-label={group.name} className="relative pb-2">
          <h3 className="pt-1 font-body text-12 text-t3">{group.name}</h3>
          {group.rows.map((row) => (
            <Row key={row.pipelineId} row={row} window={window} />
          ))}
        </section>
      ))}
    </div>
  )
}

/** Hour lines, the shaded time to come and the line of now, behind the rows. */
function Backdrop({ hours, nowShare, nowText }: { hours: number[]; nowShare: number; nowText: string }) {
  return (
    <div className={`${GRID} pointer-events-none absolute inset-x-0 top-5 bottom-0`} aria-hidden="true">
      <span />
      <div className="relative mb-5">
        <div className="absolute inset-y-0 right-0 bg-sunken" style={{ left: `${nowShare * 100}%` }} />
        {hours.map((share) => (
          <div key={share} className="absolute inset-y-0 w-px bg-grid" style={{ left: `${share * 100}%` }} />
        ))}
        <div className="absolute inset-y-0 w-px bg-t1" style={{ left: `${nowShare * 100}%` }}>
          <span className="absolute top-full left-1/2 -translate-x-1/2 rounded-1 bg-t1 px-1 font-strong text-10 text-surface">
            {nowText}
          </span>
        </div>
      </div>
    </div>
  )
}

function Row({ row, window }: { row: TimelineRow; window: Window }) {
  const router = useRouter()
  const open = (event: MouseEvent<SVGElement>) => {
    const id = (event.target as Element).getAttribute("data-run")
    if (id) router.push(`/runs/${id}`)
  }
  const failures = row.marks.filter((mark) => mark.state === "failed")
  // Targets of 24 px would lie on each other: the newest failure is a link, the others answer to the mouse.
  const newest = failures.at(-1)
  return (
    <div className={`${GRID} relative h-[26px] items-center`}>
      <Link
        href={`/pipelines/${encodeURIComponent(row.pipelineId)}`}
        title={row.pipelineId}
        className="truncate pl-3 font-med text-12 hover:text-accent-t"
      >
        {row.pipelineId}
      </Link>
      <div className="relative h-full border-grid border-b">
        <span className="sr-only">{inWords(row)}</span>
        <svg aria-hidden="true" width="100%" height="26" onClick={open} className="absolute inset-0 overflow-visible">
          {row.marks.map((mark) => (
            <Bar key={`${mark.state} ${mark.runIds[0]}`} mark={mark} window={window} />
          ))}
          {failures.slice(0, -1).map(({ from, runIds }) => (
            <svg key={runIds[0]} data-s="failed" x={`${from * 100}%`} className="overflow-visible">
              <title>{`Run ${runIds[0]} failed`}</title>
              <use
                href="#s-failed"
                x="-7"
                y="6"
                width="14"
                height="14"
                data-run={runIds[0]}
                className="cursor-pointer"
              />
            </svg>
          ))}
          {row.upcoming.map((share) => (
            <rect
              key={share}
              x={`${share * 100}%`}
              y="8"
              width="5"
              height="10"
              rx="2"
              fill="none"
              stroke="var(--st-scheduled)"
              strokeDasharray="2 2"
            />
          ))}
        </svg>
        {newest && (
          <Link
            href={`/runs/${newest.runIds[0]}`}
            aria-label={failedWords(failures)}
            title={failedWords(failures)}
            style={{ left: `${newest.from * 100}%` }}
            className="-translate-x-1/2 absolute top-px flex size-6 items-center justify-center"
          >
            <StateIcon name="failed" />
          </Link>
        )}
      </div>
    </div>
  )
}

function failedWords(failures: readonly { runIds: string[] }[]): string {
  const newest = `Run ${failures.at(-1)?.runIds[0]} failed`
  return failures.length === 1 ? newest : `${newest}, the newest of ${failures.length}`
}

function Bar({ mark, window }: { mark: TimelineRow["marks"][number]; window: Window }) {
  const hours = ((mark.to - mark.from) * (window.end - window.start)) / 3_600_000
  const label =
    mark.runIds.length === 1
      ? `Run ${mark.runIds[0]}: ${STATUS[mark.state].label.toLowerCase()}`
      : `${mark.runIds.length} runs in ${Math.max(1, Math.round(hours * 60))} min: ${STATUS[mark.state].label.toLowerCase()}`
  const color = `var(--st-${mark.state})`
  return (
    <rect
      data-run={mark.runIds[0]}
      x={`${mark.from * 100}%`}
      y={mark.state === "running" ? 9.5 : 9}
      width={`${Math.max(0, mark.to - mark.from) * 100}%`}
      height={mark.state === "running" ? 7 : 8}
      fill={mark.state === "queued" ? "none" : color}
      stroke={color}
      strokeWidth="2.5"
      strokeLinejoin="round"
      className="cursor-pointer"
    >
      <title>{label}</title>
    </rect>
  )
}

function inWords(row: TimelineRow): string {
  const parts = Object.entries(row.counts).map(
    ([state, count]) => `${count} ${STATUS[state as "success"].label.toLowerCase()}`,
  )
  const next = row.upcoming.length > 0 ? `, ${row.upcoming.length} to come` : ""
  return parts.length === 0 ? `no runs${next}` : `${parts.join(", ")}${next}`
}
