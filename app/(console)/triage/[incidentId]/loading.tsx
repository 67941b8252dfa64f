import { SkeletonRows } from "#components/ui/skeleton.tsx"

/** Between two screens, while the server prepares the next. */
export default function Loading() {
  return <SkeletonRows className="pt-14" />
}
