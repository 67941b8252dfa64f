import type { Metadata } from "next"
import { Suspense } from "react"
import { DiffView } from "#components/diff/diff-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Compare",
  description: "How two tables, two parts of one, or two times of one differ, row by row.",
}

export default function DiffPage() {
  return (
    <Suspense fallback={<PageLoading title="Compare" />}>
      <DiffView />
    </Suspense>
  )
}
