"use client"
import type { WebhookView } from "#lib/contracts/api/webhooks.ts"
import { RelativeTime } from "../format/time.tsx"
import { Chip, Mark } from "../ui/badge.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Link } from "../ui/link.tsx"
import { scopeWords, webhookState } from "./webhook-words.ts"

const COLUMNS: readonly Column<WebhookView>[] = [
  {
    id: "state",
    header: "State",
    width: "136px",
    className: "max-sm:w-[104px]",
    cell: (one) => {
      const { glyph, label } = webhookState(one)
      return <Mark glyph={glyph}>{label}</Mark>
    },
  },
  {
    id: "url",
    header: "Address",
    cell: (one) => (
      <span className="flex min-w-0 items-center gap-2">
        <Link
          data-row-link=""
          href={`/webhooks/${one.id}`}
          title={one.description || one.url}
          className="truncate font-strong hover:text-accent-t"
        >
          {one.url}
        </Link>
        {one.kind === "openlineage" && <Chip>OpenLineage</Chip>}
      </span>
    ),
  },
  {
    id: "events",
    header: "Events",
    width: "240px",
    className: "max-lg:hidden",
    cell: (one) => <span className="text-t2">{one.events.join(", ")}</span>,
  },
  {
    id: "scope",
    header: "Of",
    width: "180px",
    className: "max-xl:hidden",
    cell: (one) => <span className="text-t2">{scopeWords(one)}</span>,
  },
  {
    id: "waiting",
    header: "Waiting",
    width: "88px",
    isNumber: true,
    className: "max-sm:hidden",
    cell: (one) => one.counts.pending || <span className="text-t3">–</span>,
  },
  {
    id: "dead",
    header: "Given up",
    width: "88px",
    isNumber: true,
    cell: (one) =>
      one.counts.dead > 0 ? <b className="text-failed-t">{one.counts.dead}</b> : <span className="text-t3">–</span>,
  },
  {
    id: "last",
    header: "Last delivered",
    width: "140px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (one) => <RelativeTime at={one.lastDeliveredAt} className="text-t2" />,
  },
]

/** Webhooks, oldest first. */
export function WebhookTable({ webhooks, isDimmed }: { webhooks: readonly WebhookView[]; isDimmed: boolean }) {
  return <DataTable label="Webhooks" columns={COLUMNS} rows={webhooks} rowKey={(one) => one.id} isDimmed={isDimmed} />
}
