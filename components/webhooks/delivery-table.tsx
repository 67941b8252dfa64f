"use client"
import type { WebhookDeliveryView } from "#lib/contracts/api/webhooks.ts"
import { formatDuration } from "../format/duration.ts"
import { RelativeTime } from "../format/time.tsx"
import { useRedeliver } from "../queries/webhooks.ts"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { type Column, DataTable } from "../ui/data-table.tsx"
import { Link } from "../ui/link.tsx"
import { answerWords, deliveryState } from "./webhook-words.ts"

const COLUMNS: readonly Column<WebhookDeliveryView>[] = [
  {
    id: "state",
    header: "State",
    width: "140px",
    className: "max-sm:w-[116px]",
    cell: (one) => {
      const { glyph, label } = deliveryState(one)
      return <Mark glyph={glyph}>{label}</Mark>
    },
  },
  {
    id: "type",
    header: "Event",
    width: "176px",
    className: "max-sm:w-auto",
    cell: (one) => (
      <span className="font-med" title={one.messageId}>
        {one.type}
      </span>
    ),
  },
  {
    id: "run",
    header: "Run",
    width: "150px",
    className: "max-lg:hidden",
    cell: (one) =>
      one.runId ? (
        <Link href={`/runs/${one.runId}`} className="hover:text-accent-t">
          {one.pipelineId} {one.runId}
        </Link>
      ) : (
        <span className="text-t3">{one.pipelineId ?? "–"}</span>
      ),
  },
  {
    id: "answer",
    header: "Answer",
    className: "max-sm:hidden",
    cell: (one) => (
      <span className="text-t2" title={`${answerWords(one)} ${formatDuration(one.durationMs)}`}>
        {answerWords(one)}
      </span>
    ),
  },
  { id: "tries", header: "Tries", width: "64px", isNumber: true, className: "max-sm:hidden", cell: (one) => one.tries },
  {
    id: "next",
    header: "Next try",
    width: "96px",
    isNumber: true,
    className: "max-lg:hidden",
    // A first try waits for nothing but its turn.
    cell: (one) => <RelativeTime at={one.tries > 0 ? one.nextTryAt : null} className="text-t2" />,
  },
  {
    id: "at",
    header: "Happened",
    width: "104px",
    isNumber: true,
    className: "max-md:hidden",
    cell: (one) => <RelativeTime at={one.at} className="text-t2" />,
  },
  {
    id: "again",
    header: <span className="sr-only">Actions</span>,
    width: "112px",
    cell: (one) => <Redeliver of={one} />,
  },
]

/** Deliveries, newest first. */
export function DeliveryTable({
  deliveries,
  isDimmed,
  onReachEnd,
}: {
  deliveries: readonly WebhookDeliveryView[]
  isDimmed: boolean
  onReachEnd: () => void
}) {
  return (
    <DataTable
      label="Deliveries"
      columns={COLUMNS}
      rows={deliveries}
      rowKey={(one) => one.id}
      isDimmed={isDimmed}
      onReachEnd={onReachEnd}
    />
  )
}

function Redeliver({ of }: { of: WebhookDeliveryView }) {
  const redeliver = useRedeliver()
  return (
    <Button
      size="sm"
      variant={of.state === "dead" ? "default" : "ghost"}
      icon="retry"
      title="Sends the message once more, under the same id"
      aria-label={`Redeliver ${of.type} ${of.id}`}
      disabled={redeliver.isPending}
      onClick={() => redeliver.mutate(of.id)}
    >
      Redeliver
    </Button>
  )
}
