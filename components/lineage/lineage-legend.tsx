import { type ColumnEdgeKind, EDGE_DASHES } from "./lineage-flow.ts"

const WORDS: readonly [ColumnEdgeKind, string][] = [
  ["direct", "same value"],
  ["derived", "worked out with it"],
  ["filter", "decides the rows"],
]

/** What the three kinds of lines mean, once there are any. */
export function LineageLegend({ hasColumn }: { hasColumn: boolean }) {
  if (!hasColumn)
    return <span className="text-12 text-t3 max-lg:hidden">Pick a dataset, then a column, to follow it.</span>
  return (
    <ul aria-label="Lines" className="flex gap-3.5 text-12 text-t2 max-md:hidden">
      {WORDS.map(([kind, words]) => (
        <li key={kind} className="inline-flex items-center gap-1.5">
          <svg width="22" height="6" aria-hidden="true">
            <path
              d="M1 3H21"
              className="stroke-accent"
              strokeWidth={1.8}
              strokeLinecap={kind === "filter" ? "round" : "butt"}
              strokeDasharray={EDGE_DASHES[kind]}
            />
          </svg>
          {words}
        </li>
      ))}
    </ul>
  )
}
