"use client"
import { useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { adviceFor } from "../queries/client.ts"
import { webhookListQuery } from "../queries/webhooks.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { NewWebhookDialog } from "./new-webhook-dialog.tsx"
import { WebhookTable } from "./webhook-table.tsx"

/** Every address that is told of events, and how it is. */
export function WebhooksView() {
  const reading = useQuery(webhookListQuery())
  const [isAdding, setAdding] = useState(false)
  const { data, error, isError, refetch } = reading
  const add = (
    <Button variant="primary" icon="plus" onClick={() => setAdding(true)}>
      New webhook
    </Button>
  )
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title="Webhooks"
        beside={data && data.length > 0 && <span className="text-t3">{data.length}</span>}
        actions={data?.length === 0 ? undefined : add}
      />
      {isError && !data ? (
        <ErrorState title="The webhooks could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Reading webhooks" />
      ) : data.length > 0 ? (
        <WebhookTable webhooks={data} isDimmed={isError} />
      ) : (
        <EmptyState title="No webhook yet" action={add}>
          A webhook tells another system of what happens here: a run that failed, a task that is tried again, a backfill
          that ended. Messages are signed, tried again until they are taken, and listed with their answers.
        </EmptyState>
      )}
      {isAdding && <NewWebhookDialog onClose={() => setAdding(false)} />}
    </>
  )
}
