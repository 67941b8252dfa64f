"use client"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { BackfillSelection } from "#lib/domain/backfill-plan.ts"
import type { TaskNeighbours } from "#lib/domain/select-tasks.ts"
import { pipelineDetailQuery, pipelineListQuery } from "../queries/pipelines.ts"
import { Button } from "../ui/button.tsx"
import { Input, Select } from "../ui/input.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { Stepper } from "./stepper.tsx"

/** What a person chooses; all of it lives in the address, so that a plan can be shared before it runs. */
export interface BackfillChoice {
  pipeline: string
  from: string
  to: string
  /** Days and ranges in words; where given, they stand instead of the range. */
  partitions: string
  selection: BackfillSelection
  order: "oldest" | "newest"
  concurrency: number
  priority: number
  /** One task to begin from; empty: the whole pipeline. */
  task: string
  with: TaskNeighbours
}

const SELECTIONS = [
  ["all", "All"],
  ["missing", "Missing"],
  ["missing_failed", "Missing and failed"],
  ["failed", "Failed"],
  ["stale", "Stale"],
] as const
/** What live runs have (lib/domain/priority.ts). */
const LIVE_PRIORITY = 1000
const NEIGHBOURS = {
  downstream: "and what follows it",
  upstream: "and what it needs",
  both: "and all before and behind it",
  none: "alone",
} as const satisfies Record<TaskNeighbours, string>

/** The choices at the left of the preview. `counts`: how many partitions each selection would load. */
export function BackfillForm({
  choice,
  counts,
  onChange,
}: {
  choice: BackfillChoice
  counts: Record<BackfillChoice["selection"], number> | null
  onChange: (change: Partial<BackfillChoice>) => void
}) {
  const detail = useQuery({ ...pipelineDetailQuery(choice.pipeline), enabled: choice.pipeline !== "" }).data
  const tasks = detail?.manifest?.tasks ?? []
  const pipelines = (useQuery(pipelineListQuery()).data ?? []).filter((one) => one.isDefined)
  return (
    <form
      aria-label="What to load"
      onSubmit={(event) => event.preventDefault()}
      className="w-[344px] flex-none overflow-auto border-line border-r bg-canvas max-lg:w-full max-lg:overflow-visible max-lg:border-r-0 max-lg:border-b"
    >
      <Part title="Pipeline">
        <Select
          aria-label="Pipeline"
          value={choice.pipeline}
          onChange={(event) => onChange({ pipeline: event.target.value })}
          className="w-full"
        >
          <option value="">Choose one</option>
          {choice.pipeline && !pipelines.some((one) => one.id === choice.pipeline) && (
            <option value={choice.pipeline}>{choice.pipeline}</option>
          )}
          {pipelines.map((one) => (
            <option key={one.id} value={one.id}>
              {one.id}
            </option>
          ))}
        </Select>
      </Part>
      <Part title="Range" note="first and last day, both loaded">
        <div className="flex items-center gap-1.5">
          <Input
            type="date"
            aria-label="First day"
            value={choice.from}
            max={choice.to}
            onChange={(event) => event.target.value && onChange({ from: event.target.value })}
            boxClassName="flex-1"
          />
          <span className="text-t3">to</span>
          <Input
            type="date"
            aria-label="Last day"
            value={choice.to}
            min={choice.from}
            onChange={(event) => event.target.value && onChange({ to: event.target.value })}
            boxClassName="flex-1"
          />
        </div>
        <div className="mt-2 flex gap-1.5">
          {[7, 30, 90].map((days) => (
            <Button key={days} size="sm" onClick={() => onChange(lastDays(days, Date.now()))}>
              Last {days} days
            </Button>
          ))}
        </div>
      </Part>
      <Part title="Or days by name" note="instead of the range">
        <Input
          aria-label="Days by name"
          placeholder="2026-01-01..2026-01-31, 2026-02-14"
          value={choice.partitions}
          onChange={(event) => onChange({ partitions: event.target.value })}
          boxClassName="w-full"
        />
      </Part>
      <Part title="Which partitions">
        <fieldset>
          <legend className="sr-only">Which partitions</legend>
          {SELECTIONS.map(([selection, label]) => (
            <label key={selection} className="flex h-[26px] items-center gap-2">
              <input
                type="radio"
                name="selection"
                checked={choice.selection === selection}
                onChange={() => onChange({ selection })}
                className="size-3.5 accent-accent"
              />
              <span className={choice.selection === selection ? "font-strong" : ""}>{label}</span>
              <span className={`ml-auto ${choice.selection === selection ? "font-strong" : "text-t3"}`}>
                {counts?.[selection] ?? ""}
              </span>
            </label>
          ))}
        </fieldset>
      </Part>
      {tasks.length > 0 && (
        <Part title="Which tasks">
          <Select
            aria-label="Task"
            value={choice.task}
            onChange={(event) => onChange({ task: event.target.value })}
            className="w-full"
          >
            <option value="">The whole pipeline</option>
            {tasks.map((task) => (
              <option key={task.id} value={task.id}>
                {task.id}
              </option>
            ))}
          </Select>
          {choice.task && (
            <Select
              aria-label="Tasks beside it"
              value={choice.with}
              onChange={(event) => onChange({ with: event.target.value as TaskNeighbours })}
              className="mt-1.5 w-full"
            >
              {Object.entries(NEIGHBOURS).map(([value, label]) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </Select>
          )}
        </Part>
      )}
      <Part title="How">
        <div className="grid grid-cols-[96px_1fr] items-center gap-x-2 gap-y-1.5">
          <span className="text-t2">Order</span>
          <Segmented
            label="Order"
            value={choice.order}
            onValueChange={(order) => onChange({ order })}
            options={[
              { value: "oldest", label: "Oldest first" },
              { value: "newest", label: "Newest first" },
            ]}
            className="justify-self-start bg-surface"
          />
          <span className="text-t2">At once</span>
          <Stepper label="At once" value={choice.concurrency} onChange={(concurrency) => onChange({ concurrency })} />
          <span className="text-t2">Priority</span>
          <Select
            aria-label="Priority"
            value={choice.priority >= LIVE_PRIORITY ? "live" : "below"}
            onChange={(event) => onChange({ priority: event.target.value === "live" ? LIVE_PRIORITY : 0 })}
            className="justify-self-start"
          >
            <option value="below">Below live runs</option>
            <option value="live">Like live runs</option>
          </Select>
        </div>
      </Part>
    </form>
  )
}

/** The last `days` full days before today, in UTC: today's data is still coming. */
export function lastDays(days: number, now: number): { from: string; to: string } {
  const day = (back: number) => new Date(now - back * 86_400_000).toISOString().slice(0, 10)
  return { from: day(days), to: day(1) }
}

function Part({ title, note, children }: { title: string; note?: string; children: ReactNode }) {
  return (
    <section className="border-line border-b py-3 pr-5 pl-6 last:border-b-0 max-sm:px-4">
      <h2 className="mb-2 flex items-center gap-2">
        {title}
        {note && <small className="ml-auto font-body text-t3">{note}</small>}
      </h2>
      {children}
    </section>
  )
}
