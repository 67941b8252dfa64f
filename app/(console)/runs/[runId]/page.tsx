import type { Metadata } from "next"
import { Suspense } from "react"
import { RunView } from "#components/run/run-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { readApi } from "../../../read-api.ts"

interface Props {
  params: Promise<{ runId: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const id = decodeURIComponent((await params).runId)
  return { title: `Run ${id}`, description: `What happened in run ${id}: tasks, log, rows and quality.` }
}

export default async function RunPage({ params }: Props) {
  const id = decodeURIComponent((await params).runId)
  const run = await readApi<RunDetail>(`/runs/${encodeURIComponent(id)}`)
  return (
    <Suspense fallback={<PageLoading title={`Run ${id}`} />}>
      <RunView key={id} id={id} initial={run} />
    </Suspense>
  )
}
