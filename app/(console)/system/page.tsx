import type { Metadata } from "next"
import { SystemView } from "#components/system/system-view.tsx"

export const metadata: Metadata = {
  title: "System",
  description: "Health, workers, and what is wrong in the workspace.",
}

export default function SystemPage() {
  return <SystemView />
}
