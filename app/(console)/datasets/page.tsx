import type { Metadata } from "next"
import { Suspense } from "react"
import { DatasetsView } from "#components/datasets/datasets-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Datasets",
  description: "Every table: who owns it, when it was loaded, how many rows it has, and whether its checks pass.",
}

export default function DatasetsPage() {
  return (
    <Suspense fallback={<PageLoading title="Datasets" />}>
      <DatasetsView />
    </Suspense>
  )
}
