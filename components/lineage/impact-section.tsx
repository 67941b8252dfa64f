"use client"
import { useQuery } from "@tanstack/react-query"
import type { ColumnRef } from "#lib/contracts/api/lineage.ts"
import { adviceFor } from "../queries/client.ts"
import { columnImpactQuery } from "../queries/lineage.ts"
import { Mark } from "../ui/badge.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SidePanelSection } from "../ui/side-panel.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { ColumnLink, DatasetList } from "./column-link.tsx"
import { counted } from "./lineage-words.ts"

/** "What breaks if this column goes?", answered. */
export function ImpactSection({ column, onGo }: { column: ColumnRef; onGo: (column: ColumnRef) => void }) {
  const { data, error, refetch } = useQuery(columnImpactQuery(column))
  if (error && !data) {
    return <ErrorState title="The impact could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading what breaks" rowHeight={28} />
  const { breaks, vanishes, stale, unknown, exposures } = data
  return (
    <SidePanelSection title="If this column goes">
      {breaks.length > 0 ? (
        <Mark glyph="failed">{counted(breaks.length, "dataset fails", "datasets fail")}</Mark>
      ) : unknown.length > 0 ? (
        <Mark glyph="at_risk">Nothing that is known fails</Mark>
      ) : (
        <Mark glyph="success">Nothing fails</Mark>
      )}
      {breaks.length > 0 && <DatasetList title="Queries that name it" items={named(breaks)} />}
      {stale.length > 0 && <DatasetList title="Behind them, with old data" items={named(stale)} />}
      {vanishes.length > 0 && (
        <div className="mt-2">
          <h3 className="font-med text-12 text-t3">Columns that go with it, without an error</h3>
          <ul>
            {vanishes.map((each) => (
              <li key={`${each.dataset} ${each.column}`}>
                <ColumnLink column={each} onGo={onGo} />
              </li>
            ))}
          </ul>
        </div>
      )}
      {exposures.length > 0 && (
        <div className="mt-2">
          <h3 className="font-med text-12 text-t3">Outside of the warehouse, reading one of these tables</h3>
          <ul>
            {exposures.map(({ id, name, type, owner }) => (
              <li key={id} className="break-words">
                {name} <span className="text-t3">{[type, owner].filter(Boolean).join(", ")}</span>
              </li>
            ))}
          </ul>
        </div>
      )}
      {unknown.length > 0 && <DatasetList title="Not known, as their queries were not traced" items={named(unknown)} />}
    </SidePanelSection>
  )
}

function named(datasets: readonly string[]) {
  return datasets.map((dataset) => ({ dataset }))
}
