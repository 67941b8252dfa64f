import { Skeleton } from "../ui/skeleton.tsx"

/** Blocks where tasks will stand, while the graph is loaded and laid out. */
export function GraphSkeleton({ tasks }: { tasks: number }) {
  return (
    <div role="status" aria-label="Laying out the graph" className="flex gap-14 p-10">
      {Array.from({ length: Math.min(4, Math.ceil(tasks / 3)) }, (_, column) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: blocks are all alike and never move
        <div key={column} className="flex flex-col gap-5">
          {Array.from({ length: 4 - (column % 2) }, (_, row) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: blocks are all alike and never move
            <Skeleton key={row} className="h-11 w-40 rounded-2" />
          ))}
        </div>
      ))}
    </div>
  )
}
