"use client"
import dynamic from "next/dynamic"
import { parseAsArrayOf, parseAsBoolean, parseAsString, useQueryState } from "nuqs"
import { type ReactNode, useMemo, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { formatDuration } from "../format/duration.ts"
import { ElapsedText } from "../format/time.tsx"
import { STATUS, statusOf } from "../status/status-map.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { indexGraph } from "./graph-index.ts"
import { GraphSkeleton } from "./graph-skeleton.tsx"
import { countStates, inDrawingOrder } from "./roll-up.ts"
import { TaskSearch } from "./task-search.tsx"
import { TaskTree } from "./task-tree.tsx"

// React Flow and the layout engine are most of this page's weight, and of no use to other tabs.
const GraphCanvas = dynamic(() => import("./graph-canvas.tsx"), {
  ssr: false,
  loading: () => <GraphSkeleton tasks={9} />,
})

/** A graph of fewer tasks is its own overview. */
const TREE_FROM = 40
/** From this size on, groups open closed: a thousand nodes at once tell nobody anything. */
const MANY_TASKS = 120
const GROUP_IS_LARGE = 12

/**
 * The graph with its bar: which run it shows and how far that is, counts by state, search. `picker` replaces the run's
 * name, for pages where another run can be chosen. Closed groups are in the address.
 */
export function GraphPane({
  manifest,
  versionHash,
  run,
  mediansMs,
  selected,
  onSelect,
  picker,
}: {
  manifest: Pick<Manifest, "tasks" | "groups">
  versionHash: string
  run: RunDetail | null
  mediansMs: Readonly<Record<string, number>>
  selected: string | null
  onSelect: (taskId: string | null) => void
  picker?: ReactNode
}) {
  const index = useMemo(() => indexGraph(manifest), [manifest])
  const [picked, setPicked] = useQueryState("closed", parseAsArrayOf(parseAsString))
  const closed = useMemo(() => new Set(picked ?? initiallyClosed(manifest, index)), [picked, manifest, index])
  const [isTreeWanted, setTreeWanted] = useQueryState("tree", parseAsBoolean)
  const isTreeShown = isTreeWanted ?? manifest.tasks.length >= TREE_FROM
  const [target, setTarget] = useState<{ taskId: string } | null>(null)

  const toggle = (group: string) => {
    const next = new Set(closed)
    if (!next.delete(group)) next.add(group)
    void setPicked([...next].toSorted())
  }
  const find = (taskId: string) => {
    const hiding = index.ancestors(index.groupOf.get(taskId) ?? null).filter((group) => closed.has(group))
    if (hiding.length > 0) void setPicked([...closed].filter((group) => !hiding.includes(group)).toSorted())
    onSelect(taskId)
    setTarget({ taskId })
  }
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-6 py-1.5 max-sm:px-4">
        <Button
          variant="ghost"
          size="sm"
          icon="menu"
          className="-ml-1 max-lg:hidden"
          aria-label="Tree of tasks"
          aria-pressed={isTreeShown}
          title={isTreeShown ? "Hide the tree of tasks" : "Show the tree of tasks"}
          onClick={() => void setTreeWanted(!isTreeShown)}
        />
        {picker ?? (run && <RunProgress run={run} />)}
        <div className="ml-auto flex min-w-0 items-center gap-4">
          <StateLegend run={run} />
          <TaskSearch tasks={manifest.tasks} onFind={find} />
        </div>
      </div>
      <div className="flex min-h-60 min-w-0 flex-1">
        {isTreeShown && (
          <TaskTree
            manifest={manifest}
            run={run}
            closed={closed}
            selected={selected}
            onSelect={find}
            onToggleGroup={toggle}
          />
        )}
        <div className="relative min-w-0 flex-1 overflow-hidden bg-canvas">
          <GraphCanvas
            manifest={manifest}
            versionHash={versionHash}
            run={run}
            mediansMs={mediansMs}
            selected={selected}
            onSelect={onSelect}
            closed={closed}
            onToggleGroup={toggle}
            target={target}
          />
        </div>
      </div>
    </div>
  )
}

/** A run's name as a link, and how long it took or takes against what is usual. */
export function RunProgress({ run }: { run: RunDetail }) {
  const usual = run.medianDurationMs === null ? "" : ` of about ${formatDuration(run.medianDurationMs)}`
  return (
    <span className="flex min-w-0 items-center gap-2">
      <Mark glyph={statusOf(run.state).glyph}>
        <Link href={`/runs/${run.id}`} className="font-strong hover:underline">
          Run {run.id}
        </Link>
      </Mark>
      <span className="truncate text-t2">
        {run.startedAt ? <ElapsedText since={run.startedAt} until={run.finishedAt} /> : STATUS[run.state].label}
        {run.finishedAt ? "" : usual}
      </span>
    </span>
  )
}

function StateLegend({ run }: { run: RunDetail | null }) {
  if (!run) return null
  const counts = inDrawingOrder(countStates(run.taskRuns.map((task) => task.state)))
  return (
    <ul className="flex gap-3.5 text-12 text-t2 max-md:hidden" aria-label="Tasks by state">
      {counts.map(([state, count]) => (
        <li key={state} title={STATUS[state].label} className="inline-flex items-center gap-[5px]">
          <StateIcon name={STATUS[state].glyph} />
          {count}
          <span className="sr-only"> {STATUS[state].label.toLowerCase()}</span>
        </li>
      ))}
    </ul>
  )
}

function initiallyClosed(manifest: Pick<Manifest, "tasks" | "groups">, index: ReturnType<typeof indexGraph>): string[] {
  if (manifest.tasks.length < MANY_TASKS) return []
  return manifest.groups
    .filter((group) => group.parent === null && index.tasksIn(group.id).length >= GROUP_IS_LARGE)
    .map((group) => group.id)
}
