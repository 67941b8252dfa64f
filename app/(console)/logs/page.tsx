import type { Metadata } from "next"
import { Suspense } from "react"
import { LogSearchView } from "#components/log-search/log-search-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

export const metadata: Metadata = {
  title: "Log search",
  description: "Finds a text in the logs of all tasks.",
}

export default function LogSearchPage() {
  return (
    <Suspense fallback={<PageLoading title="Log search" />}>
      <LogSearchView />
    </Suspense>
  )
}
