"use client"
import type { DatasetVersionSummary, Moment } from "#lib/contracts/api/dataset-versions.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { Select } from "../ui/input.tsx"
import { isSameMoment } from "./moment-address.ts"

/** Picks what a page is as of: now, or one of the versions in which the dataset changed. */
export function VersionSelect({
  versions,
  moment,
  onChange,
}: {
  versions: readonly DatasetVersionSummary[]
  moment: Moment | null
  onChange: (moment: Moment | null) => void
}) {
  const zone = useZone()
  const isListed = moment === null || versions.some((each) => isSameMoment(each, moment))
  const pipelines = new Set(versions.map(({ pipelineId }) => pipelineId))
  const named = ({ pipelineId, version }: Moment) =>
    pipelines.size > 1 ? `${pipelineId}, version ${version}` : `Version ${version}`
  return (
    <Select
      aria-label="As of"
      className="max-w-72"
      value={moment ? keyOf(moment) : ""}
      onChange={(event) => onChange(versions.find((each) => keyOf(each) === event.target.value) ?? null)}
    >
      <option value="">As it is now</option>
      {!isListed && <option value={keyOf(moment)}>{named(moment)}</option>}
      {versions.map((each) => (
        <option key={keyOf(each)} value={keyOf(each)}>
          {named(each)}
          {each.isCurrent ? " (current)" : ""}, {formatInstant(each.at, zone)}: {each.summary}
        </option>
      ))}
    </Select>
  )
}

function keyOf({ pipelineId, version }: Moment): string {
  return `${version} ${pipelineId}`
}
