import type { Metadata } from "next"
import { Suspense } from "react"
import { PipelineView } from "#components/pipeline/pipeline-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { readApi } from "../../../read-api.ts"

interface Props {
  params: Promise<{ pipelineId: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const id = decodeURIComponent((await params).pipelineId)
  return { title: id, description: `Graph, runs, code and settings of the pipeline ${id}.` }
}

export default async function PipelinePage({ params }: Props) {
  const id = decodeURIComponent((await params).pipelineId)
  const pipeline = await readApi<PipelineDetail>(`/pipelines/${encodeURIComponent(id)}`)
  return (
    <Suspense fallback={<PageLoading title={id} />}>
      <PipelineView key={id} id={id} initial={pipeline} />
    </Suspense>
  )
}
