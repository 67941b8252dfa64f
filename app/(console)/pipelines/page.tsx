import type { Metadata } from "next"
import { Suspense } from "react"
import { PipelinesView } from "#components/pipelines/pipelines-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Pipelines",
  description: "All pipelines: how the last runs went, when the next comes, and what is wrong in the workspace.",
}

export default function PipelinesPage() {
  return (
    <Suspense fallback={<PageLoading title="Pipelines" />}>
      <PipelinesView />
    </Suspense>
  )
}
