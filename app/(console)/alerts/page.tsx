import type { Metadata } from "next"
import { AlertsView } from "#components/alerts/alerts-view.tsx"

export const metadata: Metadata = {
  title: "Alerts",
  description: "What makes incidents, who is told of them, and when nobody is.",
}

export default function AlertsPage() {
  return <AlertsView />
}
