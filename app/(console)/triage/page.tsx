import type { Metadata } from "next"
import { Suspense } from "react"
import { PageLoading } from "#components/shell/page-loading.tsx"
import { TriageView } from "#components/triage/triage-view.tsx"

export const metadata: Metadata = {
  title: "Triage",
  description: "What is wrong, one entry a cause: what changed, who is affected, and what to do.",
}

export default function TriagePage() {
  return (
    <Suspense fallback={<PageLoading title="Triage" />}>
      <TriageView />
    </Suspense>
  )
}
