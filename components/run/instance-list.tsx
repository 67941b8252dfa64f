"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { useVirtualizer } from "@tanstack/react-virtual"
import { useRef, useState } from "react"
import type { InstanceCounts } from "#lib/contracts/api/runs.ts"
import { ElapsedText } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { type InstanceFilter, instanceListQuery } from "../queries/instances.ts"
import { statusOf } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { InstanceBar } from "./instance-bar.tsx"
import { instanceWords, taskRunName } from "./instance-words.ts"

const ROW_HEIGHT = 26

/** The instances of a mapped task to pick from: how many are done, and each with its state, label and length. */
export function InstanceList({
  runId,
  taskId,
  counts,
  onPick,
}: {
  runId: string
  taskId: string
  counts: InstanceCounts
  onPick: (mapIndex: number) => void
}) {
  const [filter, setFilter] = useState<InstanceFilter>(counts.failed > 0 ? "failed" : "all")
  const list = useInfiniteQuery(instanceListQuery(runId, taskId, filter))
  const rows = list.data?.pages.flatMap((page) => page.items) ?? []
  const pane = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => pane.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 10,
  })
  return (
    <>
      <InstanceBar counts={counts} className="mb-2" />
      <div className="mb-2 flex items-center gap-2">
        <span className="text-t2">{instanceWords(counts)}</span>
        {counts.failed > 0 && (
          <Segmented
            label="Instances shown"
            value={filter}
            onValueChange={setFilter}
            className="ml-auto"
            options={[
              { value: "failed", label: "Failed" },
              { value: "all", label: "All" },
            ]}
          />
        )}
      </div>
      {list.error && !list.data ? (
        <ErrorState
          title="The instances could not be read"
          message={adviceFor(list.error)}
          onRetry={() => void list.refetch()}
        />
      ) : (
        <div ref={pane} className="max-h-64 overflow-y-auto">
          <ul className="relative" style={{ height: virtualizer.getTotalSize() }} aria-label={`Instances of ${taskId}`}>
            {virtualizer.getVirtualItems().map((item) => {
              const row = rows[item.index]!
              const look = statusOf(row.state)
              return (
                <li key={row.id} className="absolute inset-x-0" style={{ top: item.start, height: ROW_HEIGHT }}>
                  <button
                    type="button"
                    className="flex h-full w-full items-center gap-2 rounded-2 px-1 text-left hover:bg-hover focus-visible:-outline-offset-2"
                    onClick={() => onPick(row.mapIndex)}
                  >
                    <StateIcon name={look.glyph} />
                    <span className="sr-only">{look.label}</span>
                    <span className="min-w-0 flex-1 truncate" title={row.label ?? ""}>
                      {taskRunName(row)}
                    </span>
                    {row.startedAt && (
                      <span className="flex-none text-t3">
                        <ElapsedText since={row.startedAt} until={row.finishedAt} />
                      </span>
                    )}
                  </button>
                </li>
              )
            })}
          </ul>
          {list.hasNextPage && (
            <Button className="mt-1" disabled={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
              Show more
            </Button>
          )}
        </div>
      )}
    </>
  )
}
