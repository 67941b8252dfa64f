import type { Metadata } from "next"
import { ApprovalsView } from "#components/waits/approvals-view.tsx"

export const metadata: Metadata = {
  title: "Approvals",
  description: "What waits for a person's approval, to be approved or rejected.",
}

export default function ApprovalsPage() {
  return <ApprovalsView />
}
