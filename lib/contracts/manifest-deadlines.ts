import { followsSchedule } from "../domain/deadline.ts"
import type { Deadline } from "./deadline.ts"
import type { Manifest } from "./manifest.ts"

/** A deadline with the task that it is about; null: it is about the run. */
export interface PlacedDeadline extends Deadline {
  taskId: string | null
}

export interface ManifestDeadlines {
  /** Counted from the run's creation. */
  queued: readonly PlacedDeadline[]
  /** Counted from the run's start. */
  started: readonly PlacedDeadline[]
  /** Of the intervals of the pipeline's schedules. */
  ticks: readonly PlacedDeadline[]
}

const known = new WeakMap<Manifest, ManifestDeadlines>()

/** All deadlines of a pipeline, by what they count from. Manifests are kept in memory, so this is made once for each. */
export function deadlinesOf(manifest: Manifest): ManifestDeadlines {
  let found = known.get(manifest)
  if (!found) {
    found = sortDeadlines(manifest)
    known.set(manifest, found)
  }
  return found
}

function sortDeadlines(manifest: Manifest): ManifestDeadlines {
  const all: PlacedDeadline[] = [
    ...manifest.deadlines.map((deadline) => ({ ...deadline, taskId: null })),
    ...manifest.tasks.flatMap((task) => task.deadlines.map((deadline) => ({ ...deadline, taskId: task.id }))),
  ]
  const ofRun = (clock: "queued" | "started") => all.filter(({ rule }) => rule.kind === "within" && rule.of === clock)
  return {
    queued: ofRun("queued"),
    started: ofRun("started"),
    ticks: all.filter(({ rule }) => followsSchedule(rule)),
  }
}
