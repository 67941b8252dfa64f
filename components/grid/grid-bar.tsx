"use client"
import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import { RUN_KINDS, RUN_STATES } from "#lib/domain/run-state.ts"
import { formatInstant } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { Badge } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { Facet } from "../ui/facet.tsx"
import { Icon } from "../ui/icon.tsx"
import { Segmented } from "../ui/segmented.tsx"

export const RUN_COUNTS = ["14", "25", "50", "100"] as const
export type RunCount = (typeof RUN_COUNTS)[number]
export interface GridFilter {
  runs: RunCount
  before: string | null
  kind: string | null
  state: string | null
}

/** Above the grid: which runs it shows, how many failed (a way to them), and what narrows it. */
export function GridBar({
  grid,
  failures,
  filter,
  onFilter,
  onFailure,
}: {
  grid: PipelineGrid
  /** How many cells failed. */
  failures: number
  filter: GridFilter
  onFilter: (change: Partial<GridFilter>) => void
  onFailure: () => void
}) {
  const zone = useZone()
  const failedRuns = grid.runs.filter((run) => run.state === "failed").length
  const [first, last] = [grid.runs[0], grid.runs.at(-1)]
  return (
    <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1.5 border-line border-b px-6 py-1.5 max-sm:px-4">
      <span className="whitespace-nowrap">
        <b>{grid.runs.length === 1 ? "1 run" : `${grid.runs.length} runs`}</b>
        {first && last && (
          <span className="ml-2 text-t2 max-sm:hidden">
            {formatInstant(first.logicalAt, zone, "day")} to {formatInstant(last.logicalAt, zone, "day")}
          </span>
        )}
      </span>
      {failures > 0 && (
        <button
          type="button"
          onClick={onFailure}
          title="Go to the next failed task (n; p goes back)"
          className="inline-flex h-6 items-center rounded-1"
        >
          <Badge glyph="failed" className="hover:brightness-95">
            {failures === 1 ? "1 failed task" : `${failures.toLocaleString("en-GB")} failed tasks`}
            {failedRuns > 0 && ` in ${failedRuns === 1 ? "1 run" : `${failedRuns} runs`}`}
            <Icon name="right" size={12} />
          </Badge>
        </button>
      )}
      <div className="ml-auto flex flex-wrap items-center gap-x-3 gap-y-1.5">
        <Facet
          label="Kind"
          value={filter.kind}
          values={RUN_KINDS}
          onPick={(kind) => onFilter({ kind, before: null })}
        />
        <Facet
          label="State"
          value={filter.state}
          values={RUN_STATES}
          onPick={(state) => onFilter({ state, before: null })}
        />
        <Segmented
          label="Runs shown"
          value={filter.runs}
          onValueChange={(runs) => onFilter({ runs })}
          options={RUN_COUNTS.map((value) => ({ value, label: value }))}
        />
        <span className="flex">
          <Button
            variant="ghost"
            icon="right"
            className="[&>svg]:rotate-180"
            aria-label="Older runs"
            title={grid.hasOlder ? "Older runs" : "There are no older runs"}
            disabled={!grid.hasOlder}
            onClick={() => onFilter({ before: first?.id ?? null })}
          />
          <Button
            variant="ghost"
            icon="right"
            aria-label="Newest runs"
            title={filter.before === null ? "These are the newest runs" : "Back to the newest runs"}
            disabled={filter.before === null}
            onClick={() => onFilter({ before: null })}
          />
        </span>
      </div>
    </div>
  )
}
