import type { PipelineSummary } from "#lib/contracts/api/pipelines.ts"

/** What the list of pipelines is narrowed to; all of it lives in the address. */
export interface PipelineFilter {
  q: string
  owner: string | null
  tag: string | null
  state: "failed" | "running" | "paused" | null
}

/** The pipelines that match, each word of the search somewhere in id, description, owner or tags. */
export function filterPipelines(pipelines: readonly PipelineSummary[], filter: PipelineFilter): PipelineSummary[] {
  const words = filter.q.trim().toLowerCase().split(/\s+/)
  return pipelines.filter((one) => {
    if (filter.owner !== null && one.owner !== filter.owner) return false
    if (filter.tag !== null && !one.tags.includes(filter.tag)) return false
    if (filter.state !== null && !hasState(one, filter.state)) return false
    const text = [one.id, one.description, one.owner ?? "", ...one.tags].join(" ").toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** The owners and tags that occur, in order of their names. */
export function facetsOf(pipelines: readonly PipelineSummary[]): { owners: string[]; tags: string[] } {
  return {
    owners: [...new Set(pipelines.flatMap((one) => one.owner ?? []))].toSorted(),
    tags: [...new Set(pipelines.flatMap((one) => one.tags))].toSorted(),
  }
}

/** The state of the newest run that says something about the pipeline. */
export function lastState(pipeline: PipelineSummary): PipelineSummary["recentRuns"][number]["state"] | null {
  return pipeline.recentRuns.at(-1)?.state ?? null
}

function hasState(pipeline: PipelineSummary, state: NonNullable<PipelineFilter["state"]>): boolean {
  if (state === "paused") return pipeline.isPaused
  if (state === "running") return pipeline.recentRuns.some((run) => run.state === "running" || run.state === "queued")
  return lastState(pipeline) === "failed"
}
