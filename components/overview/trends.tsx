"use client"
import type { ReactNode } from "react"
import type { Overview } from "#lib/contracts/api/system.ts"
import { DayBars } from "../charts/day-bars.tsx"
import { DayLine } from "../charts/day-line.tsx"
import { formatCount, formatScore, plural } from "../format/count.ts"
import { formatInstant } from "../format/instant.ts"
import { WhenIdle } from "../ui/when-idle.tsx"

/** Runs by state, quality and rows of the last 14 days. Days are UTC days, as the server counts them. */
export function Trends({ overview }: { overview: Overview }) {
  const today = overview.generatedAt.slice(0, 10)
  const formatDay = (day: string) => (day === today ? "today" : formatInstant(`${day}T12:00:00Z`, "UTC", "day"))
  const { history } = overview.quality
  return (
    <div className="mx-6 mt-4 grid grid-cols-3 gap-4 max-xl:grid-cols-1 max-sm:mx-4">
      <Trend turn={0} title="Runs by state" note={plural(overview.runsByDay.length, "day")}>
        <DayBars
          label="Runs by state, per day"
          data={overview.runsByDay}
          series={[
            { key: "success", name: "Success", color: "var(--st-success)" },
            { key: "other", name: "Cancelled", color: "var(--st-cancelled)" },
            { key: "failed", name: "Failed", color: "var(--st-failed)" },
          ]}
          formatDay={formatDay}
        />
      </Trend>
      <Trend turn={1} title="Quality score" note={`mean of ${plural(overview.quality.datasets, "dataset")}`}>
        {history.length === 0 ? (
          <Nothing>No checks have run yet. A checks task gives its dataset a score from 0 to 100.</Nothing>
        ) : (
          <DayLine
            label="Quality score, per day"
            name="Score"
            data={history.map((one) => ({ day: one.day, value: one.score }))}
            domain={[Math.floor(Math.min(90, ...history.map((one) => one.score)) / 5) * 5, 100]}
            formatDay={formatDay}
            formatValue={formatScore}
          />
        )}
      </Trend>
      <Trend turn={2} title="Rows processed" note="a day">
        {overview.rowsByDay.length === 0 ? (
          <Nothing>No rows have been loaded yet.</Nothing>
        ) : (
          <DayLine
            label="Rows processed, per day"
            name="Rows"
            data={overview.rowsByDay.map((one) => ({ day: one.day, value: one.rows }))}
            formatDay={formatDay}
            formatValue={formatCount}
            isLastOpen={overview.rowsByDay.at(-1)?.day === today}
          />
        )}
      </Trend>
    </div>
  )
}

function Trend(props: { turn: number; title: string; note: string; children: ReactNode }) {
  return (
    <section className="min-w-0 rounded-3 border border-line bg-surface px-4 pt-3 pb-2.5">
      <h2 className="mb-2.5 flex gap-2">
        {props.title} <small className="truncate font-body text-t3 leading-5">{props.note}</small>
      </h2>
      <WhenIdle turn={props.turn} placeholder={<div className="h-[124px]" />}>
        {props.children}
      </WhenIdle>
    </section>
  )
}

function Nothing({ children }: { children: ReactNode }) {
  return <p className="h-[124px] text-t2">{children}</p>
}
