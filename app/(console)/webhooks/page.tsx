import type { Metadata } from "next"
import { WebhooksView } from "#components/webhooks/webhooks-view.tsx"

export const metadata: Metadata = {
  title: "Webhooks",
  description: "Addresses that are told of runs, tasks and backfills, and how they are.",
}

export default function WebhooksPage() {
  return <WebhooksView />
}
