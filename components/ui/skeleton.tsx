import { cn } from "./cn.ts"

/** A grey block where something will stand, in its real size; shows after 400 ms only, without shimmer. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={cn("block animate-appear rounded-1 bg-sunken", className)} />
}

/** A list that is being read: `rows` blocks of the real row height. */
export function SkeletonRows({
  rows = 10,
  rowHeight = 32,
  label = "Loading",
  className,
}: {
  rows?: number
  rowHeight?: number
  label?: string
  className?: string
}) {
  return (
    <div role="status" aria-label={label} className={className}>
      {Array.from({ length: rows }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows are all alike and never move
        <div key={index} className="flex items-center border-grid border-b px-6" style={{ height: rowHeight }}>
          <Skeleton className="h-3.5" />
          <Skeleton className="mr-6 h-3.5 w-24" />
          <Skeleton className="h-3.5 w-[min(320px,50%)]" />
        </div>
      ))}
    </div>
  )
}
