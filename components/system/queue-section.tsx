"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsString, useQueryState } from "nuqs"
import { useState } from "react"
import type { SlotLimit } from "#lib/contracts/api/queue.ts"
import { adviceFor } from "../queries/client.ts"
import { queueQuery } from "../queries/queue.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { LimitTable } from "./limit-table.tsx"
import { QueueFigures } from "./queue-figures.tsx"
import { WaitingTable } from "./waiting-table.tsx"

const PoolDialog = dynamic(() => import("./pool-dialog.tsx").then((module) => module.PoolDialog), { ssr: false })
/** In the address for those that wait for a worker; ids of limits have a slash. */
const WORKER = "worker"

/** What waits for what, pools and other limits, and the tasks that wait for one. Which one is in the address. */
export function QueueSection() {
  const queue = useQuery(queueQuery())
  const [shown, setShown] = useQueryState("waiting", parseAsString)
  const [edited, setEdited] = useState<SlotLimit | "new" | null>(null)
  const show = (id: string) => void setShown(id === shown ? null : id)
  if (!queue.data) {
    return queue.error ? (
      <ErrorState
        title="The queue could not be read"
        message={adviceFor(queue.error)}
        onRetry={() => void queue.refetch()}
      />
    ) : (
      <SkeletonRows rows={4} label="Reading the queue" />
    )
  }
  const { limits } = queue.data
  return (
    <>
      <StaleNotice reading={queue} />
      <QueueFigures queue={queue.data} onWorkers={() => show(WORKER)} />
      {shown === WORKER && <WaitingTable limitId={null} onClose={() => void setShown(null)} />}
      <div className="flex items-center px-6 pt-5 pb-1 max-sm:px-4">
        <h2>Pools and limits</h2>
        <Button size="sm" icon="plus" className="ml-auto" onClick={() => setEdited("new")}>
          New pool
        </Button>
      </div>
      {limits.length === 0 ? (
        <EmptyState title="No pool yet">
          A task that names a <code>pool</code> takes one of its slots while it runs, so that a database or an API is
          not asked by more tasks at once than it can bear.
        </EmptyState>
      ) : (
        <LimitTable limits={limits} shown={shown} onShow={show} onEdit={setEdited} />
      )}
      {shown !== null && shown !== WORKER && (
        <WaitingTable key={shown} limitId={shown} onClose={() => void setShown(null)} />
      )}
      {edited !== null && <PoolDialog pool={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </>
  )
}
