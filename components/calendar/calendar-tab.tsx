"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { parseAsInteger, parseAsString, useQueryStates } from "nuqs"
import { useCallback } from "react"
import { dayBounds } from "#lib/domain/day-bounds.ts"
import { dayIn, formatInstant, zoneName } from "../format/instant.ts"
import { useNow } from "../format/now.ts"
import { adviceFor } from "../queries/client.ts"
import { calendarQuery } from "../queries/pipeline-views.ts"
import { runListQuery } from "../queries/runs.ts"
import { RunTable } from "../runs/run-table.tsx"
import { StaleNotice } from "../status/stale-notice.tsx"
import { CellLegend } from "../status/status.tsx"
import type { AnyState } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { CellIcon } from "../ui/icon.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { CalendarGrid } from "./calendar-grid.tsx"

/** A year of the pipeline, a cell a day; below it the runs of the day that is picked. Year and day are in the address. */
export default function CalendarTab({ pipelineId, onRun }: { pipelineId: string; onRun: () => void }) {
  const [address, setAddress] = useQueryStates({ year: parseAsInteger, day: parseAsString })
  const calendar = useQuery(calendarQuery(pipelineId, address.year))
  const now = useNow(60_000)
  if (!calendar.data) {
    return calendar.error ? (
      <ErrorState
        title="The calendar could not be read"
        message={adviceFor(calendar.error)}
        onRetry={() => void calendar.refetch()}
      />
    ) : (
      <SkeletonRows label="Reading the calendar" rows={7} rowHeight={20} />
    )
  }
  const { year, years, zone, days, scheduled } = calendar.data
  if (years === null && scheduled.length === 0) {
    return (
      <EmptyState title="It has not run yet" action={<Button onClick={onRun}>Run now</Button>}>
        Each day on which it runs gets a mark here, in the colour of its worst run.
      </EmptyState>
    )
  }
  const today = now === 0 ? "" : dayIn(now, zone)
  const lastYear = Math.max(years?.last ?? year, Number(today.slice(0, 4)) || year)
  const go = (to: number) => void setAddress({ year: to, day: null })
  const day = address.day && /^\d{4}-\d\d-\d\d$/.test(address.day) ? address.day : null
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <StaleNotice reading={calendar} />
      <div className="flex min-h-11 flex-none flex-wrap items-center gap-x-3 gap-y-1 px-6 py-1.5 max-sm:px-4">
        <span className="flex items-center">
          <Button
            variant="ghost"
            icon="right"
            className="[&>svg]:rotate-180"
            aria-label={`Year ${year - 1}`}
            title={years && year > years.first ? `Year ${year - 1}` : "There is no earlier run"}
            disabled={!years || year <= years.first}
            onClick={() => go(year - 1)}
          />
          <b className="w-12 text-center">{year}</b>
          <Button
            variant="ghost"
            icon="right"
            aria-label={`Year ${year + 1}`}
            title={year < lastYear ? `Year ${year + 1}` : "There is no later run"}
            disabled={year >= lastYear}
            onClick={() => go(year + 1)}
          />
        </span>
        <span className="text-t3">days in {zoneName(zone)}</span>
        <div className="ml-auto flex flex-wrap gap-x-3.5 max-md:ml-0">
          <CellLegend counts={dayCounts(days)} />
          {scheduled.length > 0 && (
            <span className="inline-flex items-center gap-[5px] whitespace-nowrap text-12 text-t2">
              <CellIcon name="scheduled" />
              Scheduled {scheduled.length}
            </span>
          )}
        </div>
      </div>
      <div className={calendar.isPlaceholderData ? "opacity-60" : ""}>
        <CalendarGrid
          calendar={calendar.data}
          today={today}
          selected={day}
          onSelect={(next) => void setAddress({ day: next === day ? null : next })}
        />
      </div>
      {day === null ? (
        <p className="border-line border-t px-6 py-3 text-t2 max-sm:px-4">Pick a day to see its runs.</p>
      ) : (
        <DayRuns
          key={day}
          pipelineId={pipelineId}
          day={day}
          zone={zone}
          onClose={() => void setAddress({ day: null })}
        />
      )}
    </div>
  )
}

/** How many days are in each colour. */
function dayCounts(days: readonly { worst: AnyState }[]): [AnyState, number][] {
  const counts = new Map<AnyState, number>()
  for (const { worst } of days) counts.set(worst, (counts.get(worst) ?? 0) + 1)
  return [...counts]
}

/** The runs whose logical time lies on a day. */
function DayRuns({
  pipelineId,
  day,
  zone,
  onClose,
}: {
  pipelineId: string
  day: string
  zone: string
  onClose: () => void
}) {
  const { from, to } = dayBounds(day, zone)
  const runs = useInfiniteQuery(
    runListQuery({ pipelineId, logicalFrom: from.toISOString(), logicalTo: to.toISOString() }),
  )
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const items = runs.isPlaceholderData ? undefined : runs.data?.pages.flatMap((page) => page.items)
  const date = formatInstant(`${day}T12:00:00Z`, "UTC", "weekday")
  return (
    <section aria-label={`Runs of ${date}`} className="flex min-h-60 flex-1 flex-col border-line border-t">
      <div className="flex h-10 flex-none items-center gap-2 px-6 max-sm:px-4">
        <h2>Runs of {date}</h2>
        <Button
          variant="ghost"
          icon="x"
          className="ml-auto"
          aria-label="Show no day"
          title="Show no day"
          onClick={onClose}
        />
      </div>
      {items === undefined ? (
        runs.error ? (
          <ErrorState
            title="The day's runs could not be read"
            message={adviceFor(runs.error)}
            onRetry={() => void runs.refetch()}
          />
        ) : (
          <SkeletonRows label="Reading the day's runs" rows={3} />
        )
      ) : items.length === 0 ? (
        <EmptyState title="No run was due on this day" />
      ) : (
        <RunTable runs={items} isDimmed={runs.isError} onReachEnd={readMore} isReadingMore={isFetchingNextPage} />
      )}
    </section>
  )
}
