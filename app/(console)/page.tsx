import type { Metadata } from "next"
import { OverviewView } from "#components/overview/overview-view.tsx"

export const metadata: Metadata = {
  title: { absolute: "Overview · Headrace" },
  description: "Whether everything is all right: failures, late data, quality, and the last day of runs.",
}

export default function OverviewPage() {
  return <OverviewView />
}
