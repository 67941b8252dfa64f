"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { useRouter } from "next/navigation"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { type ReactNode, useCallback, useState } from "react"
import type { WebhookView as Webhook } from "#lib/contracts/api/webhooks.ts"
import { DELIVERY_STATES } from "#lib/domain/delivery.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { adviceFor, isNotFound } from "../queries/client.ts"
import {
  deliveryListQuery,
  useRemoveWebhook,
  useTestWebhook,
  useUpdateWebhook,
  webhookDetailQuery,
} from "../queries/webhooks.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Badge } from "../ui/badge.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { Lead, PageHeader, Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { DeliveryTable } from "./delivery-table.tsx"
import { scopeWords, webhookState } from "./webhook-words.ts"

const FILTERS = ["all", ...DELIVERY_STATES] as const
const FILTER_WORDS = { all: "All", pending: "Waiting", delivered: "Delivered", dead: "Given up" } as const

/** One webhook: how it is, and what was sent to it. */
export function WebhookView({ id }: { id: string }) {
  const reading = useQuery(webhookDetailQuery(id))
  const [filter, setFilter] = useQueryState("state", parseAsStringLiteral(FILTERS).withDefault("all"))
  const deliveries = useInfiniteQuery(deliveryListQuery(id, filter === "all" ? null : filter))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = deliveries
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const { data, error, isError, refetch } = reading
  if (!data) {
    return (
      <>
        <PageHeader title={`Webhook ${id}`} />
        {!isError ? (
          <SkeletonRows label="Reading the webhook" />
        ) : isNotFound(error) ? (
          <EmptyState
            title="There is no such webhook"
            action={
              <ButtonLink>
                <Link href="/webhooks">All webhooks</Link>
              </ButtonLink>
            }
          />
        ) : (
          <ErrorState title="The webhook could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
        )}
      </>
    )
  }
  const items = deliveries.data?.pages.flatMap((page) => page.items)
  return (
    <>
      <StaleNotice reading={reading} />
      <Header webhook={data} />
      <Toolbar>
        <Segmented
          label="Deliveries"
          value={filter}
          onValueChange={(next) => void setFilter(next)}
          options={FILTERS.map((value) => ({ value, label: FILTER_WORDS[value] }))}
        />
      </Toolbar>
      {deliveries.isError && !items ? (
        <ErrorState
          title="The deliveries could not be read"
          message={adviceFor(deliveries.error)}
          onRetry={() => void deliveries.refetch()}
        />
      ) : !items ? (
        <SkeletonRows label="Reading deliveries" />
      ) : items.length > 0 ? (
        <DeliveryTable deliveries={items} isDimmed={deliveries.isPlaceholderData} onReachEnd={readMore} />
      ) : filter === "all" ? (
        <EmptyState title="Nothing was sent yet">
          Messages appear here as soon as one of its events happens. Press Test to send one now.
        </EmptyState>
      ) : (
        <EmptyState
          title={`Nothing is ${FILTER_WORDS[filter].toLowerCase()}`}
          action={<Button onClick={() => void setFilter(null)}>Show all deliveries</Button>}
        />
      )}
    </>
  )
}

function Header({ webhook }: { webhook: Webhook }) {
  const { glyph, label } = webhookState(webhook)
  return (
    <PageHeader
      title={webhook.url}
      beside={<Badge glyph={glyph}>{label}</Badge>}
      actions={webhook.kind === "webhook" && <Actions webhook={webhook} />}
    >
      {(webhook.disabledReason || webhook.description) && (
        <Lead>{webhook.disabledReason ? `Switched off: ${webhook.disabledReason}` : webhook.description}</Lead>
      )}
      <MetaRow
        items={[
          ["Events", webhook.events.join(", ")],
          ["Of", scopeWords(webhook)],
          ["Added by", webhook.createdBy],
          ["Added", <Time key="at" at={webhook.createdAt} />],
          ["Last delivered", <RelativeTime key="last" at={webhook.lastDeliveredAt} />],
          ...(webhook.failingSince
            ? ([["Failing since", <Time key="failing" at={webhook.failingSince} />]] as [string, ReactNode][])
            : []),
        ]}
      />
    </PageHeader>
  )
}

function Actions({ webhook }: { webhook: Webhook }) {
  const router = useRouter()
  const test = useTestWebhook()
  const update = useUpdateWebhook()
  const remove = useRemoveWebhook()
  const [isRemoving, setRemoving] = useState(false)
  return (
    <>
      <Button icon="x" variant="ghost" onClick={() => setRemoving(true)}>
        Remove
      </Button>
      <Button
        icon={webhook.isActive ? "pause" : "play"}
        disabled={update.isPending}
        title={webhook.isActive ? "What happens from now on is not sent" : "What waits is sent at once"}
        onClick={() => update.mutate({ id: webhook.id, isActive: !webhook.isActive })}
      >
        {webhook.isActive ? "Switch off" : "Switch on"}
      </Button>
      <Button
        icon="play"
        variant="primary"
        disabled={test.isPending || !webhook.isActive}
        title={webhook.isActive ? "Sends a webhook.test message" : "Switch it on to test it"}
        onClick={() => test.mutate(webhook.id)}
      >
        Test
      </Button>
      <ConfirmDialog
        isOpen={isRemoving}
        onOpenChange={setRemoving}
        title={`Remove webhook ${webhook.id}`}
        confirmLabel="Remove webhook"
        onConfirm={async () => {
          await remove.mutateAsync(webhook.id)
          router.push("/webhooks")
        }}
      >
        <ul className="list-disc pl-4 text-t2">
          <li>{webhook.url} is told of nothing more.</li>
          <li>{webhook.counts.pending} messages that wait are dropped.</li>
          <li>The list of what was sent goes with it.</li>
        </ul>
      </ConfirmDialog>
    </>
  )
}
