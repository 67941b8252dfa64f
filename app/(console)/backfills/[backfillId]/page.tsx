import type { Metadata } from "next"
import { BackfillView } from "#components/backfills/backfill-view.tsx"

interface Props {
  params: Promise<{ backfillId: string }>
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { backfillId } = await params
  return { title: `Backfill ${backfillId}`, description: `How far backfill ${backfillId} is, partition by partition.` }
}

export default async function BackfillPage({ params }: Props) {
  return <BackfillView id={(await params).backfillId} />
}
