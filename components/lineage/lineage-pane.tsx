"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsBoolean, useQueryState } from "nuqs"
import { type ReactNode, useMemo, useState } from "react"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import type { ColumnRef, LineageGraph } from "#lib/contracts/api/lineage.ts"
import { GraphSkeleton } from "../dag/graph-skeleton.tsx"
import { TaskSearch } from "../dag/task-search.tsx"
import { columnTrailQuery } from "../queries/lineage.ts"
import { Button } from "../ui/button.tsx"
import { momentQuery } from "../versions/moment-address.ts"
import { onlyTheWay, toLineageFlow } from "./lineage-flow.ts"
import { LineageLegend } from "./lineage-legend.tsx"
import { LineagePanel } from "./lineage-panel.tsx"

// React Flow and the layout engine are most of the weight, and of no use to other tabs.
const LineageCanvas = dynamic(() => import("./lineage-canvas.tsx"), {
  ssr: false,
  loading: () => <GraphSkeleton tasks={9} />,
})

/** What is looked at; kept in the address. */
export interface LineageChoice {
  dataset: string | null
  column: string | null
}

/**
 * The lineage with its bar: search, what the lines mean, and beside it the dataset that is selected, with its columns.
 * Picking a column lights up where its values come from and where they go.
 */
export function LineagePane({
  graph,
  choice,
  onChoose,
  controls,
  around,
  onAround,
  moment = null,
}: {
  graph: LineageGraph
  choice: LineageChoice
  onChoose: (choice: LineageChoice) => void
  /** At the left of the bar. */
  controls?: ReactNode
  /** The dataset to which the graph is narrowed. */
  around: string | null
  onAround?: (dataset: string | null) => void
  /** The version that the graph is as of; null: now. */
  moment?: Moment | null
}) {
  const { dataset, column } = choice
  const start = dataset !== null && column !== null ? { dataset, column } : null
  const trail = useQuery({
    ...columnTrailQuery({ ...(start ?? { dataset: "", column: "" }), ...momentQuery(moment) }),
    enabled: start !== null,
  })
  const picked = useMemo(
    () =>
      dataset !== null && column !== null && trail.data ? { start: { dataset, column }, trail: trail.data } : null,
    [dataset, column, trail.data],
  )
  const [isNarrow, setNarrow] = useQueryState("way", parseAsBoolean.withDefault(false))
  const flow = useMemo(
    () => toLineageFlow(isNarrow && picked ? onlyTheWay(graph, picked) : graph, picked),
    [graph, picked, isNarrow],
  )
  const [target, setTarget] = useState<{ dataset: string } | null>(null)
  const node = graph.nodes.find((one) => one.id === dataset) ?? null
  const pick = (next: ColumnRef) => onChoose(next)
  return (
    <div className="flex min-h-0 min-w-0 flex-1 flex-col">
      <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-6 py-1.5 max-sm:px-4">
        {controls}
        <div className="ml-auto flex min-w-0 flex-wrap items-center gap-x-4 gap-y-1">
          <LineageLegend hasColumn={start !== null} />
          {start !== null && (
            <Button size="sm" aria-pressed={isNarrow} onClick={() => void setNarrow(isNarrow ? null : true)}>
              {isNarrow ? "Show the rest" : "Only its way"}
            </Button>
          )}
          <TaskSearch
            noun="dataset"
            className="w-[190px]"
            tasks={graph.nodes}
            onFind={(id) => {
              onChoose({ dataset: id, column: null })
              setTarget({ dataset: id })
            }}
          />
        </div>
      </div>
      <div className="flex min-h-80 min-w-0 flex-1">
        <div className="relative min-w-0 flex-1 overflow-hidden bg-canvas">
          <LineageCanvas
            flow={flow}
            selected={dataset}
            onSelect={(id) => onChoose({ dataset: id, column: null })}
            onPick={pick}
            target={target}
          />
        </div>
        {dataset !== null && (
          <LineagePanel
            key={dataset}
            id={dataset}
            node={node}
            column={column}
            trail={trail}
            moment={moment}
            around={around}
            onAround={onAround}
            onPick={(name) => onChoose({ dataset, column: name })}
            onGo={(next) => {
              pick(next)
              setTarget({ dataset: next.dataset })
            }}
            onClose={() => onChoose({ dataset: null, column: null })}
          />
        )}
      </div>
    </div>
  )
}
