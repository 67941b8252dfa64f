import type { Metadata } from "next"
import { Suspense } from "react"
import { DatasetView } from "#components/datasets/dataset-view.tsx"
import { PageLoading } from "#components/shell/page-loading.tsx"

interface Props {
  params: Promise<{ datasetId: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const id = decodeURIComponent((await params).datasetId)
  return { title: id, description: `Quality, columns, loads and partitions of ${id}.` }
}

export default async function DatasetPage({ params }: Props) {
  const id = decodeURIComponent((await params).datasetId)
  return (
    <Suspense fallback={<PageLoading title={id.split(".").at(-1) ?? id} />}>
      <DatasetView id={id} />
    </Suspense>
  )
}
