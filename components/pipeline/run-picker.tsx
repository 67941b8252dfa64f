"use client"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { formatDuration } from "../format/duration.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { statusOf } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Menu, MenuRadioGroup } from "../ui/menu.tsx"

/** Chooses which run's states the graph shows; null is the latest, whichever that becomes. */
export function RunPicker({
  runs,
  picked,
  onPick,
}: {
  runs: PipelineDetail["recentRuns"]
  picked: string | null
  onPick: (runId: string | null) => void
}) {
  const zone = useZone()
  const newest = runs.toReversed()
  return (
    <Menu
      align="start"
      trigger={<Button size="sm" variant="ghost" icon="chev" aria-label="Show another run" title="Show another run" />}
    >
      <MenuRadioGroup
        value={picked ?? "latest"}
        onValueChange={(value) => onPick(value === "latest" ? null : value)}
        options={[
          { value: "latest", label: "Latest run" },
          ...newest.map((run) => ({
            value: run.id,
            label: (
              <span className="flex items-center gap-2">
                <StateIcon name={statusOf(run.state).glyph} />
                Run {run.id}
                <span className="text-t3">
                  {formatInstant(run.startedAt ?? run.logicalAt, zone)}
                  {run.durationMs === null ? "" : `, ${formatDuration(run.durationMs)}`}
                </span>
              </span>
            ),
          })),
        ]}
      />
    </Menu>
  )
}
