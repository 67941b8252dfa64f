import type { Metadata } from "next"
import { BackfillsView } from "#components/backfills/backfills-view.tsx"

export const metadata: Metadata = {
  title: "Backfills",
  description: "Ranges of partitions that were loaded again, and how far those are that run now.",
}

export default function BackfillsPage() {
  return <BackfillsView />
}
