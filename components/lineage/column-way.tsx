"use client"
import type { UseQueryResult } from "@tanstack/react-query"
import type { ColumnRef, ColumnTrail, ReachedColumnView } from "#lib/contracts/api/lineage.ts"
import { adviceFor } from "../queries/client.ts"
import { Button } from "../ui/button.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SidePanelSection } from "../ui/side-panel.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { ColumnLink, DatasetList } from "./column-link.tsx"

/** A picked column: where its values come from, where they go, and which rows it decides. */
export function ColumnWay({
  column,
  trail,
  onGo,
  onClear,
}: {
  column: ColumnRef
  trail: UseQueryResult<ColumnTrail>
  onGo: (column: ColumnRef) => void
  onClear: () => void
}) {
  const { data, error, refetch } = trail
  if (error && !data) {
    return <ErrorState title="Its way could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading its way" rowHeight={28} />
  const stops = data.edges.filter(({ anonymisedBy }) => anonymisedBy !== null)
  return (
    <SidePanelSection
      title={<span className="break-words">{column.column}</span>}
      aside={
        <Button variant="ghost" size="sm" onClick={onClear}>
          Stop following
        </Button>
      }
    >
      <Reached title="Comes from" columns={data.upstream} onGo={onGo}>
        {data.isTraced
          ? "nothing else: it is worked out from no column, or from what could not be followed."
          : "a place that is not known: no query of this dataset was traced."}
      </Reached>
      <Reached title="Goes into" columns={data.downstream} onGo={onGo}>
        no other column that is known.
      </Reached>
      {data.rows.length > 0 && (
        <DatasetList
          title="Decides the rows of"
          items={data.rows.map(({ dataset, kinds }) => ({ dataset, note: kinds.join(", ") }))}
        />
      )}
      {stops.length > 0 && (
        <p className="mt-2 text-t2">
          Cannot be read back where it passes{" "}
          {[...new Set(stops.map(({ anonymisedBy }) => anonymisedBy!))].map((by, index) => (
            <span key={by}>
              {index > 0 && ", "}
              <code>{by}</code>
            </span>
          ))}
          .
        </p>
      )}
      {data.gaps.length > 0 && (
        <details className="mt-2 text-t2">
          <summary className="cursor-pointer">
            {data.gaps.length === 1 ? "One thing" : `${data.gaps.length} things`} in the query could not be followed
          </summary>
          <ul className="mt-1 list-disc pl-4">
            {data.gaps.map((gap) => (
              <li key={`${gap.kind} ${gap.name} ${gap.line} ${gap.column}`}>
                {gap.message}
                {gap.line !== undefined && <span className="text-t3"> Line {gap.line}.</span>}
              </li>
            ))}
          </ul>
        </details>
      )}
    </SidePanelSection>
  )
}

/** Lists grow long in deep estates; the graph shows the rest. */
const MOST = 40

function Reached({
  title,
  columns,
  onGo,
  children,
}: {
  title: string
  columns: readonly ReachedColumnView[]
  onGo: (column: ColumnRef) => void
  children: string
}) {
  return (
    <div className="mt-2 first:mt-0">
      <h3 className="font-med text-12 text-t3">{title}</h3>
      {columns.length === 0 ? (
        <p className="text-t2 first-letter:uppercase">{children}</p>
      ) : (
        <ul>
          {columns.slice(0, MOST).map((each) => (
            <li key={`${each.dataset} ${each.column}`}>
              <ColumnLink column={each} note={each.influence === "direct" ? "same value" : "worked out"} onGo={onGo} />
            </li>
          ))}
          {columns.length > MOST && <li className="text-t3">{columns.length - MOST} more</li>}
        </ul>
      )}
    </div>
  )
}
