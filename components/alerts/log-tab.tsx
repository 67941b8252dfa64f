"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useCallback } from "react"
import type { AlertChannelView, AlertDeliveryView } from "#lib/contracts/api/alerts.ts"
import { ALERT_DELIVERY_STATES } from "#lib/domain/alert-send.ts"
import { RelativeTime } from "../format/time.tsx"
import { alertDeliveriesQuery } from "../queries/alerts.ts"
import { adviceFor } from "../queries/client.ts"
import { Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Select } from "../ui/input.tsx"
import { Link } from "../ui/link.tsx"
import { Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { deliveryLook, turnWords } from "./alert-words.ts"

const FILTERS = ["all", ...ALERT_DELIVERY_STATES] as const
const FILTER_WORDS = {
  all: "All",
  pending: "Waiting",
  sent: "Told",
  failed: "Given up",
  dropped: "Not needed",
} as const

const COLUMNS: readonly Column<AlertDeliveryView>[] = [
  {
    id: "state",
    header: "State",
    width: "144px",
    className: "max-sm:w-[132px]",
    cell: (one) => {
      const { glyph, label } = deliveryLook(one)
      return <Mark glyph={glyph}>{label}</Mark>
    },
  },
  {
    id: "channel",
    header: "Channel",
    width: "120px",
    className: "max-sm:w-[88px]",
    cell: (one) => <span className="font-med">{one.channelId}</span>,
  },
  { id: "turn", header: "Of", width: "128px", className: "max-md:hidden", cell: (one) => turnWords(one.turn) },
  {
    id: "incident",
    header: "Incident",
    cell: (one) =>
      one.incidentId ? (
        <Link
          data-row-link=""
          href={`/triage/${one.incidentId}`}
          className="truncate hover:text-accent-t"
          title={one.incidentTitle ?? undefined}
        >
          {one.incidentTitle}
        </Link>
      ) : (
        <span className="text-t3">–</span>
      ),
  },
  {
    id: "note",
    header: "Note",
    className: "max-lg:hidden",
    cell: (one) => (
      <span className="text-t2" title={one.note ?? undefined}>
        {one.note ?? "–"}
      </span>
    ),
  },
  { id: "tries", header: "Tries", width: "64px", isNumber: true, className: "max-md:hidden", cell: (one) => one.tries },
  {
    id: "next",
    header: "Next try",
    width: "96px",
    isNumber: true,
    className: "max-lg:hidden",
    cell: (one) => <RelativeTime at={one.nextTryAt} className="text-t2" />,
  },
  {
    id: "at",
    header: "When",
    width: "104px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (one) => <RelativeTime at={one.sentAt ?? one.createdAt} className="text-t2" />,
  },
]

/** What was and is told to whom, newest first, and what became of it. */
export function LogTab({ channels }: { channels: readonly AlertChannelView[] }) {
  const [filter, setFilter] = useQueryStates(
    { state: parseAsStringLiteral(FILTERS).withDefault("all"), channel: parseAsString },
    { history: "replace" },
  )
  const reading = useInfiniteQuery(
    alertDeliveriesQuery({ channelId: filter.channel, state: filter.state === "all" ? null : filter.state }),
  )
  const { data, error, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = reading
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const items = data?.pages.flatMap((page) => page.items)
  return (
    <>
      <Toolbar className="border-t-0">
        <Segmented
          label="Deliveries"
          value={filter.state}
          onValueChange={(state) => void setFilter({ state })}
          options={FILTERS.map((value) => ({ value, label: FILTER_WORDS[value] }))}
        />
        <Select
          aria-label="Channel"
          value={filter.channel ?? ""}
          onChange={(event) => void setFilter({ channel: event.target.value || null })}
        >
          <option value="">All channels</option>
          {channels.map(({ id }) => (
            <option key={id} value={id}>
              {id}
            </option>
          ))}
        </Select>
      </Toolbar>
      {isError && !items ? (
        <ErrorState title="The log could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !items ? (
        <SkeletonRows label="Reading the log" />
      ) : items.length > 0 ? (
        <DataTable
          label="What was told"
          columns={COLUMNS}
          rows={items}
          rowKey={(one) => one.id}
          isDimmed={isError}
          onReachEnd={readMore}
        />
      ) : (
        <EmptyState title="Nobody was told anything">
          Each message of an incident stands here, with its tries and what became of it.
        </EmptyState>
      )}
    </>
  )
}
