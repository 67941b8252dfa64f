import type { Metadata } from "next"
import { Suspense } from "react"
import { FreshnessView } from "#components/freshness/freshness-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Freshness",
  description: "Which datasets are late, which will be, and how well each policy was kept over the last 30 days.",
}

export default function FreshnessPage() {
  return (
    <Suspense fallback={<PageLoading title="Freshness" />}>
      <FreshnessView />
    </Suspense>
  )
}
