import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** A page before its data: its title and grey rows. */
export function PageLoading({ title, rowHeight = 32 }: { title: string; rowHeight?: number }) {
  return (
    <>
      <PageHeader title={title} />
      <SkeletonRows label={`Reading ${title.toLowerCase()}`} rowHeight={rowHeight} />
    </>
  )
}
