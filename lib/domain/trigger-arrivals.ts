import type { Schedule } from "./schedule.ts"

/** How another pipeline's run must end to count. `done` is any end, also a cancelled one. */
export const END_STATES = ["success", "failed", "done"] as const

/** What starts runs of a pipeline besides its schedules. */
export interface PipelineTriggers {
  datasets: {
    mode: "all" | "any"
    names: string[]
    /** Ticks at which a run starts even if not all datasets have arrived. */
    latest: Schedule | null
    /** Whether loads by backfills count; they do not by default, because a backfill would set off one run for each partition. */
    withBackfills: boolean
  } | null
  after: { pipeline: string; state: (typeof END_STATES)[number] }[]
  events: string[]
}

/** Something that a pipeline waits for has happened: a dataset was written, another pipeline's run ended, an event came. */
export interface Arrival {
  id: string
  source: "dataset" | "pipeline" | "event"
  /** The dataset, pipeline or event. */
  name: string
  /** How often it arrived since it was last looked at; the other fields are those of the newest. */
  updates: number
  at: Date
  /** The interval that its run covered; null for events. */
  intervalStart: Date | null
  intervalEnd: Date | null
  /** How the run ended, for pipelines. */
  state: string | null
}

/** One run to create, and the arrivals that it uses up. */
export interface ArrivalRun {
  kind: "dataset" | "event"
  arrivals: Arrival[]
  intervalStart: Date | null
  intervalEnd: Date | null
  reason: string
}

/**
 * The runs that arrivals, oldest first, make due. Events and ended runs give one run each, in order. Updates of datasets are
 * folded into one run, which covers all their intervals; of a partitioned pipeline into one for each partition in which such
 * an interval starts, because a run loads one partition. With `all`, a run comes when every dataset has arrived since the run
 * before.
 */
export function foldArrivals(
  triggers: PipelineTriggers,
  arrivals: readonly Arrival[],
  partitionOf: ((start: Date) => string) | null,
): ArrivalRun[] {
  const runs = arrivals
    .filter((arrival) => arrival.source !== "dataset" && isWanted(triggers, arrival))
    .map(
      (arrival): ArrivalRun => ({
        kind: "event",
        arrivals: [arrival],
        intervalStart: arrival.intervalStart,
        intervalEnd: arrival.intervalEnd,
        reason:
          arrival.source === "event"
            ? `event ${arrival.name}`
            : `${arrival.name} ended ${arrival.state === "failed" ? "in failure" : `as ${arrival.state}`}`,
      }),
    )
  for (const group of datasetGroups(triggers, arrivals, partitionOf)) {
    if (missingDatasets(triggers, group).length === 0) runs.push(datasetRun(group))
  }
  return runs
}

/** The run at the latest time, with whatever has arrived. */
export function latestRun(triggers: PipelineTriggers, arrivals: readonly Arrival[]): ArrivalRun {
  const [group = []] = datasetGroups(triggers, arrivals, null)
  const missing = missingDatasets(
    { ...triggers, datasets: triggers.datasets && { ...triggers.datasets, mode: "all" } },
    group,
  )
  return { ...datasetRun(group), reason: `latest time; not arrived: ${missing.join(", ")}` }
}

/** Whether anything in the definition still waits for it. */
export function isWanted(triggers: PipelineTriggers, arrival: Arrival): boolean {
  switch (arrival.source) {
    case "dataset":
      return triggers.datasets?.names.includes(arrival.name) ?? false
    case "pipeline":
      return triggers.after.some(
        ({ pipeline, state }) => pipeline === arrival.name && (state === "done" || state === arrival.state),
      )
    case "event":
      return triggers.events.includes(arrival.name)
  }
}

/** All in one where one run may cover them, else those of each partition. */
function datasetGroups(
  triggers: PipelineTriggers,
  arrivals: readonly Arrival[],
  partitionOf: ((start: Date) => string) | null,
): Arrival[][] {
  const groups = new Map<string, Arrival[]>()
  for (const arrival of arrivals) {
    if (arrival.source !== "dataset" || !isWanted(triggers, arrival)) continue
    const key = partitionOf && arrival.intervalStart ? partitionOf(arrival.intervalStart) : ""
    groups.set(key, [...(groups.get(key) ?? []), arrival])
  }
  return [...groups.values()]
}

function missingDatasets({ datasets }: PipelineTriggers, group: readonly Arrival[]): string[] {
  const arrived = new Set(group.map((arrival) => arrival.name))
  const missing = (datasets?.names ?? []).filter((name) => !arrived.has(name))
  return datasets?.mode === "any" && arrived.size > 0 ? [] : missing
}

function datasetRun(group: readonly Arrival[]): ArrivalRun {
  const starts = group.flatMap((arrival) => arrival.intervalStart ?? [])
  const ends = group.flatMap((arrival) => arrival.intervalEnd ?? [])
  const updates = new Map<string, number>()
  for (const { name, updates: count } of group) updates.set(name, (updates.get(name) ?? 0) + count)
  return {
    kind: "dataset",
    arrivals: [...group],
    intervalStart: starts.reduce<Date | null>((least, start) => (least && least <= start ? least : start), null),
    intervalEnd: ends.reduce<Date | null>((most, end) => (most && most >= end ? most : end), null),
    reason: [...updates].map(([name, count]) => (count === 1 ? name : `${name} (${count} updates)`)).join(", "),
  }
}
