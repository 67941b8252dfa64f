import type { Metadata } from "next"
import { Suspense } from "react"
import { QualityView } from "#components/quality/quality-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Quality",
  description: "Scores of datasets by dimension, and the checks that fail.",
}

export default function QualityPage() {
  return (
    <Suspense fallback={<PageLoading title="Quality" />}>
      <QualityView />
    </Suspense>
  )
}
