"use client"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { BackfillSelection } from "#lib/domain/backfill-plan.ts"
import { partitionScheme } from "#lib/domain/partition-scheme.ts"
import type { TaskNeighbours } from "#lib/domain/select-tasks.ts"
import { type ParamField, paramFields, paramHint, paramProblem } from "../pipeline/param-fields.ts"
import { pipelineDetailQuery, pipelineListQuery } from "../queries/pipelines.ts"
import type { AnyState } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { Field, Input, Select } from "../ui/input.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { RangeCalendar } from "./range-calendar.tsx"
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
  /** Of fixed keys only these; none: all. */
  keys: string[]
  perRun: number
  /** Tasks to begin from; none: the whole pipeline. */
  tasks: string[]
  with: TaskNeighbours
  /** What the inputs of params hold, as text; without an entry the input holds the default. */
  params: Record<string, string>
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
const MOST_PER_RUN = 1000
const NEIGHBOURS = {
  downstream: "and what follows it",
  upstream: "and what it needs",
  both: "and all before and behind it",
  none: "alone",
} as const satisfies Record<TaskNeighbours, string>

/**
 * The choices at the left of the preview. `counts`: how many partitions each selection would load; `days`: how days stand and
 * which of them would be loaded.
 */
export function BackfillForm({
  choice,
  counts,
  days,
  onChange,
}: {
  choice: BackfillChoice
  counts: Record<BackfillChoice["selection"], number> | null
  days: { states: ReadonlyMap<string, AnyState>; planned: ReadonlySet<string> }
  onChange: (change: Partial<BackfillChoice>) => void
}) {
  const detail = useQuery({ ...pipelineDetailQuery(choice.pipeline), enabled: choice.pipeline !== "" }).data
  const tasks = detail?.manifest?.tasks ?? []
  const scheme = detail?.manifest?.partition ? partitionScheme(detail.manifest.partition) : null
  const isTimed = scheme === null || scheme.unit !== null
  const fields = paramFields(detail?.manifest?.params ?? null)
  const left = tasks.filter((task) => !choice.tasks.includes(task.id))
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
      {isTimed && (
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
          <RangeCalendar
            key={choice.pipeline}
            from={choice.from}
            to={choice.to}
            states={days.states}
            planned={days.planned}
            onChange={(range) => onChange({ ...range, partitions: "" })}
          />
        </Part>
      )}
      {isTimed && (
        <Part title="Or days by name" note="instead of the range">
          <Input
            aria-label="Days by name"
            placeholder={
              scheme?.keys
                ? `2026-01-01..2026-01-31, 2026-02-14|${scheme.keys[0]}`
                : "2026-01-01..2026-01-31, 2026-02-14"
            }
            value={choice.partitions}
            onChange={(event) => onChange({ partitions: event.target.value })}
            boxClassName="w-full"
          />
        </Part>
      )}
      {scheme?.keys && (
        <Part
          title="Which keys"
          note={choice.keys.length === 0 ? "all" : `${choice.keys.length} of ${scheme.keys.length}`}
        >
          <fieldset className="max-h-[168px] overflow-auto">
            <legend className="sr-only">Which keys</legend>
            {scheme.keys.map((key) => (
              <label key={key} className="flex h-[26px] items-center gap-2">
                <input
                  type="checkbox"
                  checked={choice.keys.length === 0 || choice.keys.includes(key)}
                  onChange={() => onChange({ keys: toggled(scheme.keys!, choice.keys, key) })}
                  className="size-3.5 accent-accent"
                />
                {key}
              </label>
            ))}
          </fieldset>
        </Part>
      )}
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
          {choice.tasks.length > 0 && (
            <ul className="mb-1.5 flex flex-wrap gap-1.5">
              {choice.tasks.map((id) => (
                <li key={id}>
                  <Button
                    size="sm"
                    icon="x"
                    aria-label={`Without ${id}`}
                    onClick={() => onChange({ tasks: choice.tasks.filter((other) => other !== id) })}
                  >
                    {id}
                  </Button>
                </li>
              ))}
            </ul>
          )}
          <Select
            aria-label="Task"
            value=""
            onChange={(event) => event.target.value && onChange({ tasks: [...choice.tasks, event.target.value] })}
            className="w-full"
          >
            <option value="">{choice.tasks.length === 0 ? "The whole pipeline" : "And another task"}</option>
            {left.map((task) => (
              <option key={task.id} value={task.id}>
                {task.id}
              </option>
            ))}
          </Select>
          {choice.tasks.length > 0 && (
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
      {fields.length > 0 && (
        <Part title="Params" note="for each of its runs">
          <div className="flex flex-col gap-2">
            {fields.map((field) => (
              <BackfillParam
                key={field.name}
                field={field}
                text={choice.params[field.name] ?? field.initial}
                onChange={(text) => onChange({ params: withText(choice.params, field, text) })}
              />
            ))}
          </div>
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
          {isTimed && (
            <>
              <span className="text-t2">Per run</span>
              <span className="inline-flex items-center gap-2">
                <Stepper
                  label="Partitions a run"
                  most={MOST_PER_RUN}
                  value={choice.perRun}
                  onChange={(perRun) => onChange({ perRun })}
                />
                <span className="text-t3">{choice.perRun === 1 ? "partition" : "partitions"}</span>
              </span>
            </>
          )}
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

/** What stays chosen when one key is switched; none where all are. */
function toggled(all: readonly string[], chosen: readonly string[], key: string): string[] {
  const before = chosen.length === 0 ? all : chosen
  const next = before.includes(key) ? before.filter((other) => other !== key) : [...before, key]
  return next.length === 0 || next.length === all.length ? [] : all.filter((each) => next.includes(each))
}

/** The address holds only what differs from the defaults. */
function withText(params: Record<string, string>, field: ParamField, text: string): Record<string, string> {
  const { [field.name]: _, ...others } = params
  return text === field.initial ? others : { ...others, [field.name]: text }
}

function BackfillParam({
  field,
  text,
  onChange,
}: {
  field: ParamField
  text: string
  onChange: (text: string) => void
}) {
  const error = paramProblem(field, text) ?? undefined
  const choices = field.kind === "boolean" ? ["true", "false"] : field.choices
  return (
    <Field label={field.label} hint={paramHint(field)} error={error}>
      {field.kind === "choice" || field.kind === "boolean" ? (
        <Select value={text} onChange={(event) => onChange(event.target.value)}>
          {(!field.isRequired || text === "") && <option value="">not set</option>}
          {choices.map((value) => (
            <option key={value} value={value}>
              {value}
            </option>
          ))}
        </Select>
      ) : field.kind === "json" || field.kind === "list" ? (
        <textarea
          rows={3}
          spellCheck={false}
          value={text}
          onChange={(event) => onChange(event.target.value)}
          className="rounded-2 border border-line-control bg-surface px-2 py-1 font-mono text-12"
        />
      ) : (
        <Input
          type={field.kind === "date" ? "date" : field.kind === "datetime" ? "datetime-local" : "text"}
          value={text}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  )
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
