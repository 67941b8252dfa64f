import type { Metadata } from "next"
import { Suspense } from "react"
import { LineageView } from "#components/lineage/lineage-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Lineage",
  description: "What each table is made from, where each column goes, and what breaks if it is gone.",
}

export default function LineagePage() {
  return (
    <Suspense fallback={<PageLoading title="Lineage" />}>
      <LineageView />
    </Suspense>
  )
}
