"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsString, useQueryStates } from "nuqs"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import { LineagePane } from "../lineage/lineage-pane.tsx"
import { adviceFor } from "../queries/client.ts"
import { lineageGraphQuery } from "../queries/lineage.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { momentQuery, momentSearch } from "../versions/moment-address.ts"

/** How far the tab looks; the whole way is on the lineage's own screen. */
const STEPS = 2

/** What the dataset is made from and what is made of it, two steps each way; now, or as of a version. */
export function LineageTab({ id, moment = null }: { id: string; moment?: Moment | null }) {
  const [address, setAddress] = useQueryStates({ at: parseAsString, column: parseAsString })
  const { data, error, refetch } = useQuery(lineageGraphQuery({ dataset: id, depth: STEPS, ...momentQuery(moment) }))
  if (error && !data) {
    return (
      <ErrorState title="The lineage could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
    )
  }
  if (!data) return <SkeletonRows label="Reading the lineage" />
  if (data.nodes.length < 2) {
    return (
      <EmptyState title="Nothing is known to read it or to go into it">
        Tasks say so by <code>reads</code> and <code>writes</code>; models of a dbt project do by themselves.
      </EmptyState>
    )
  }
  return (
    <LineagePane
      graph={data}
      choice={{ dataset: address.at, column: address.column }}
      onChoose={({ dataset, column }) => void setAddress({ at: dataset, column })}
      around={id}
      moment={moment}
      controls={
        <Link
          className="link"
          href={`/lineage?around=${encodeURIComponent(id)}&depth=100&dataset=${encodeURIComponent(id)}${moment ? `&${momentSearch(moment)}` : ""}`}
        >
          The whole way
        </Link>
      }
    />
  )
}
