import type { Metadata } from "next"
import { Suspense } from "react"
import { ExpectationsView } from "#components/quality/expectations-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Expectations",
  description: "What may be expected of data, and how it is written.",
}

export default function ExpectationsPage() {
  return (
    <Suspense fallback={<PageLoading title="What may be expected" />}>
      <ExpectationsView />
    </Suspense>
  )
}
