import type { Metadata } from "next"
import { Suspense } from "react"
import { RunsView } from "#components/runs/runs-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Runs",
  description: "Every run, by state, pipeline, trigger and time.",
}

export default function RunsPage() {
  return (
    <Suspense fallback={<PageLoading title="Runs" />}>
      <RunsView />
    </Suspense>
  )
}
