import { PageHeader, Toolbar } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** A list page before its data: title, the toolbar's height, grey rows. */
export function PageLoading({ title }: { title: string }) {
  return (
    <>
      <PageHeader title={title} />
      <Toolbar>{null}</Toolbar>
      <SkeletonRows label={`Reading ${title.toLowerCase()}`} />
    </>
  )
}
