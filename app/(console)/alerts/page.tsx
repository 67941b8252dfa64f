import type { Metadata } from "next"
import { Suspense } from "react"
import { AlertsView } from "#components/alerts/alerts-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Alerts",
  description: "What makes incidents, who is told of them, and when nobody is.",
}

export default function AlertsPage() {
  return (
    <Suspense fallback={<PageLoading title="Alerts" />}>
      <AlertsView />
    </Suspense>
  )
}
