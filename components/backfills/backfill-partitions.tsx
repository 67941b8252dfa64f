"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useCallback, useMemo } from "react"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { SLOT_STATES, type SlotState } from "#lib/domain/backfill-plan.ts"
import { formatCount, formatExact, plural } from "../format/count.ts"
import { formatMinutes } from "../format/duration.ts"
import { useNow } from "../format/now.ts"
import { UpcomingTime } from "../format/time.tsx"
import { backfillMapQuery, slotListQuery } from "../queries/backfills.ts"
import { adviceFor } from "../queries/client.ts"
import { PartitionStrip } from "../status/partition-strip.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Select } from "../ui/input.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { BackfillProgress } from "./backfill-progress.tsx"
import { mapCells, progressWords, remainingMs, SLOT_STATE_WORDS } from "./backfill-words.ts"
import { SlotTable } from "./slot-table.tsx"

const FILTER = { state: parseAsStringLiteral(SLOT_STATES), partition: parseAsString }

/** The heat-map of all partitions over a list that is read as far as it is scrolled. */
export function BackfillPartitions({ backfill }: { backfill: Backfill }) {
  const id = backfill.id ?? ""
  const [filter, setFilter] = useQueryStates(FILTER, { history: "replace" })
  const map = useQuery(backfillMapQuery(id)).data
  const cells = useMemo(() => (map ? mapCells(map) : []), [map])
  const slots = useInfiniteQuery(
    slotListQuery(id, {
      ...(filter.state ? { state: filter.state } : {}),
      ...(filter.partition ? { partition: filter.partition } : {}),
    }),
  )
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = slots
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const items = slots.data?.pages.flatMap((page) => page.items)
  return (
    <>
      <section aria-label="Progress" className="flex-none border-line border-t px-6 pt-4 pb-3 max-sm:px-4">
        <Progress backfill={backfill} />
        {cells.length > 0 && (
          <PartitionStrip
            label={plural(cells.length, "partition")}
            cells={cells}
            onOpen={(cell) => void setFilter({ partition: cell.key, state: null })}
          />
        )}
      </section>
      <div className="flex flex-none flex-wrap items-center gap-2 border-line border-t px-6 py-2 max-sm:px-4">
        <Select
          aria-label="Show partitions"
          value={filter.state ?? ""}
          onChange={(event) =>
            void setFilter({ state: (event.target.value || null) as SlotState | null, partition: null })
          }
        >
          <option value="">All partitions</option>
          {SLOT_STATES.map((state) => (
            <option key={state} value={state}>
              {SLOT_STATE_WORDS[state]}
            </option>
          ))}
        </Select>
        {filter.partition && (
          <Button icon="x" aria-label={`Show more than ${filter.partition}`} onClick={() => void setFilter(null)}>
            {filter.partition}
          </Button>
        )}
      </div>
      {slots.isError && !items ? (
        <ErrorState
          title="The partitions could not be read"
          message={adviceFor(slots.error)}
          onRetry={() => void slots.refetch()}
        />
      ) : !items ? (
        <SkeletonRows label="Reading the partitions" rowHeight={28} />
      ) : items.length === 0 ? (
        <EmptyState title="No partition is in this state now" />
      ) : (
        <SlotTable slots={items} mode="progress" onReachEnd={readMore} isDimmed={slots.isPlaceholderData} />
      )}
    </>
  )
}

function Progress({ backfill }: { backfill: Backfill }) {
  const left = remainingMs(backfill)
  const now = useNow(10_000)
  const { rowsLoaded, rowsPerSecond } = backfill
  const end = left === null || now === 0 ? null : new Date(now + left).toISOString()
  return (
    <div className="mb-3">
      <div className="mb-1.5 flex items-baseline gap-2">
        <b>{progressWords(backfill)}</b>
        {left !== null && (
          <span className="text-t2">
            about {formatMinutes(left)} left
            {end && (
              <>
                , until <UpcomingTime at={end} />
              </>
            )}
          </span>
        )}
        {rowsLoaded !== null && rowsLoaded > 0 && (
          <span className="text-t2" title={formatExact(rowsLoaded)}>
            {formatCount(rowsLoaded)} rows
            {rowsPerSecond ? `, ${formatCount(Math.round(rowsPerSecond * 10) / 10)} a second` : ""}
          </span>
        )}
        {backfill.counts.skip > 0 && <span className="ml-auto text-t3">{backfill.counts.skip} left as they were</span>}
      </div>
      <BackfillProgress backfill={backfill} className="w-full" />
    </div>
  )
}
