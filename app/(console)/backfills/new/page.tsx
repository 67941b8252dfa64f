import type { Metadata } from "next"
import { Suspense } from "react"
import { NewBackfillView } from "#components/backfills/new-backfill-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "New backfill",
  description: "Load a range of partitions again, after a preview of what that would do.",
}

export default function NewBackfillPage() {
  return (
    <Suspense fallback={<PageLoading title="New backfill" />}>
      <NewBackfillView />
    </Suspense>
  )
}
