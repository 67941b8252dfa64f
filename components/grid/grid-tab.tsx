"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsArrayOf, parseAsString, parseAsStringLiteral, useQueryState, useQueryStates } from "nuqs"
import { useMemo, useState } from "react"
import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { adviceFor } from "../queries/client.ts"
import { gridQuery } from "../queries/pipeline-views.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { GridBar, type GridFilter, RUN_COUNTS } from "./grid-bar.tsx"
import { GridCanvas, type GridCursor } from "./grid-canvas.tsx"
import { failuresOf, type GridPlace, gridRows, groupsAround, initiallyClosed, nextFailure } from "./grid-model.ts"
import { GridPanel } from "./grid-panel.tsx"

const FILTER = {
  runs: parseAsStringLiteral(RUN_COUNTS).withDefault("25"),
  before: parseAsString,
  kind: parseAsString,
  state: parseAsString,
}

/** The newest runs side by side, task by task. What is shown, selected and closed is in the address. */
export default function GridTab({ pipeline, onRun }: { pipeline: PipelineDetail; onRun: () => void }) {
  const [filter, setFilter] = useQueryStates(FILTER, { history: "replace" })
  const query = {
    runs: Number(filter.runs),
    ...(filter.before && { before: filter.before }),
    ...(filter.kind && { kind: filter.kind }),
    ...(filter.state && { state: filter.state }),
  }
  const grid = useQuery(gridQuery(pipeline.id, query))
  if (!grid.data) {
    return grid.error ? (
      <ErrorState
        title="The grid could not be read"
        message={adviceFor(grid.error)}
        onRetry={() => void grid.refetch()}
      />
    ) : (
      <SkeletonRows label="Reading the grid" rowHeight={24} rows={16} />
    )
  }
  const isNarrowed = filter.kind !== null || filter.state !== null || filter.before !== null
  if (grid.data.runs.length === 0 && !isNarrowed) {
    return (
      <EmptyState title="It has not run yet" action={<Button onClick={onRun}>Run now</Button>}>
        Each run becomes a column here, each of its tasks a cell.
      </EmptyState>
    )
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <StaleNotice reading={grid} />
      <Loaded
        pipeline={pipeline}
        grid={grid.data}
        filter={filter}
        onFilter={(change) => void setFilter(change)}
        isOld={grid.isPlaceholderData}
      />
    </div>
  )
}

function Loaded({
  pipeline,
  grid,
  filter,
  onFilter,
  isOld,
}: {
  pipeline: PipelineDetail
  grid: PipelineGrid
  filter: GridFilter
  onFilter: (change: Partial<GridFilter>) => void
  /** True while these are the runs of the filter before. */
  isOld: boolean
}) {
  const { manifest } = pipeline
  const [selected, setSelected] = useQueryStates({ run: parseAsString, task: parseAsString })
  const [picked, setPicked] = useQueryState("closed", parseAsArrayOf(parseAsString))
  const closed = useMemo(() => new Set(picked ?? initiallyClosed(manifest)), [picked, manifest])
  const rows = useMemo(() => gridRows(grid.tasks, manifest, closed), [grid.tasks, manifest, closed])
  const failures = useMemo(() => failuresOf(grid), [grid])
  const [cursor, setCursor] = useState<GridCursor | null>(null)
  /** A task to go to once the groups around it are open. */
  const [target, setTarget] = useState<GridPlace | null>(null)
  const runIndex = grid.runs.findIndex((run) => run.id === selected.run)
  const column = runIndex === -1 ? null : runIndex

  const goTo = (place: GridPlace) => {
    const taskId = grid.tasks[place.task]!
    const hiding = groupsAround(manifest, taskId).filter((group) => closed.has(group))
    if (hiding.length > 0) void setPicked([...closed].filter((group) => !hiding.includes(group)).toSorted())
    setTarget(place)
    void setSelected({ run: grid.runs[place.run]!.id, task: taskId })
  }
  const goToFailure = (step: 1 | -1) => {
    const task = selected.task === null ? -1 : grid.tasks.indexOf(selected.task)
    const from = column === null || task === -1 ? null : { run: column, task }
    const next = nextFailure(failures, from, step)
    if (next) goTo(next)
  }
  const targetRow = target === null ? -1 : rows.findIndex((row) => row.id === grid.tasks[target.task])
  if (target !== null && targetRow !== -1) {
    setTarget(null)
    setCursor({ row: targetRow, column: target.run })
  }
  const open = ({ row, column: at }: GridCursor) => {
    const line = rows[row]
    const run = grid.runs[at]?.id ?? null
    if (line?.kind === "group" && at === -1) {
      const group = line.id.slice("group/".length)
      void setPicked(line.isOpen ? [...closed, group].toSorted() : [...closed].filter((one) => one !== group))
    } else if (row !== -1 || at !== -1) {
      void setSelected({ run, task: line?.kind === "task" ? line.id : null })
    }
  }
  useGridKeys(goToFailure)
  return (
    <>
      <GridBar
        grid={grid}
        failures={failures.length}
        filter={filter}
        onFilter={onFilter}
        onFailure={() => goToFailure(1)}
      />
      {grid.runs.length === 0 ? (
        <EmptyState
          title="No run matches"
          action={
            <Button onClick={() => onFilter({ kind: null, state: null, before: null })}>Show the newest runs</Button>
          }
        >
          No run of {pipeline.id} is of this kind and in this state.
        </EmptyState>
      ) : (
        <div className="flex min-h-0 min-w-0 flex-1">
          <div className={`flex min-h-0 min-w-0 flex-1 flex-col ${isOld ? "opacity-60" : ""}`}>
            <GridCanvas
              // Another set of runs opens at its newest, not where the last one was scrolled to.
              key={`${filter.runs} ${filter.before} ${filter.kind} ${filter.state}`}
              label={`Tasks of the last ${grid.runs.length} runs. Arrow keys move, Enter opens.`}
              grid={grid}
              rows={rows}
              cursor={cursor}
              onCursor={setCursor}
              onOpen={open}
              onEscape={() => void setSelected({ run: null, task: null })}
              selectedRow={selected.task}
              selectedColumn={column}
            />
          </div>
          {(selected.run !== null || selected.task !== null) && (
            <GridPanel
              key={`${selected.run} ${selected.task}`}
              pipeline={pipeline}
              runId={selected.run}
              taskId={selected.task}
              onSelect={(next) => void setSelected(next)}
            />
          )}
        </div>
      )}
    </>
  )
}

function useGridKeys(goToFailure: (step: 1 | -1) => void) {
  // The keys call what is current when they are pressed.
  const [latest] = useState({ goToFailure })
  latest.goToFailure = goToFailure
  useKeys(
    useMemo<Shortcut[]>(
      () => [
        { keys: "n", label: "Next failed task", run: () => latest.goToFailure(1) },
        { keys: "p", label: "Previous failed task", run: () => latest.goToFailure(-1) },
      ],
      [latest],
    ),
  )
}
