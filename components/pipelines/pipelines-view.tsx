"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useDeferredValue } from "react"
import { FirstPipeline } from "../overview/first-pipeline.tsx"
import { adviceFor } from "../queries/client.ts"
import { pipelineListQuery } from "../queries/pipelines.ts"
import { workspaceProblemsQuery } from "../queries/system.ts"
import { PageLoading } from "../shell/page-loading.tsx"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Facet } from "../ui/facet.tsx"
import { SearchInput } from "../ui/input.tsx"
import { PageHeader, Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { facetsOf, filterPipelines } from "./filter-pipelines.ts"
import { PipelineTable } from "./pipeline-table.tsx"
import { WorkspaceProblems } from "./workspace-problems.tsx"

const STATES = ["failed", "running", "paused"] as const

/** All pipelines: what is wrong in the workspace first, then one row a pipeline. */
export function PipelinesView() {
  const [filter, setFilter] = useQueryStates(
    {
      q: parseAsString.withDefault(""),
      owner: parseAsString,
      tag: parseAsString,
      state: parseAsStringLiteral(STATES),
    },
    { history: "replace" },
  )
  const reading = useQuery(pipelineListQuery())
  const { data, error, isError, refetch } = reading
  const workspace = useQuery(workspaceProblemsQuery())
  const problems = workspace.data ?? []
  const q = useDeferredValue(filter.q)

  if (isError && !data) {
    return (
      <>
        <PageHeader title="Pipelines" />
        <ErrorState title="The pipelines could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      </>
    )
  }
  if (data?.length === 0) return <FirstPipeline title="No pipeline yet" problems={problems} />

  // Problems stand above the list: shown later than it, they would push it down under the pointer.
  if (!data || workspace.isPending) return <PageLoading title="Pipelines" rowHeight={50} />

  const facets = facetsOf(data)
  const found = filterPipelines(data, { ...filter, q })
  const clear = () => void setFilter(null)
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title="Pipelines"
        beside={data && <span className="text-t3">{countText(found.length, data.length)}</span>}
      />
      <WorkspaceProblems problems={problems} />
      <Toolbar>
        <SearchInput
          label="Search pipelines"
          placeholder="Name, owner, tag"
          value={filter.q}
          onValueChange={(value) => void setFilter({ q: value || null })}
        />
        <Segmented
          label="State"
          value={filter.state ?? "all"}
          onValueChange={(value) => void setFilter({ state: value === "all" ? null : value })}
          options={[
            { value: "all", label: "All" },
            { value: "failed", label: "Failed" },
            { value: "running", label: "Running" },
            { value: "paused", label: "Paused" },
          ]}
        />
        <Facet
          label="Owner"
          value={filter.owner}
          values={facets.owners}
          onPick={(owner) => void setFilter({ owner })}
        />
        <Facet label="Tag" value={filter.tag} values={facets.tags} onPick={(tag) => void setFilter({ tag })} />
      </Toolbar>
      {found.length > 0 ? (
        <PipelineTable pipelines={found} isDimmed={isError || q !== filter.q} />
      ) : (
        <EmptyState title="No pipeline matches" action={<Button onClick={clear}>Show all {data.length}</Button>}>
          None of {data.length} pipelines fits this search and these filters.
        </EmptyState>
      )}
    </>
  )
}

function countText(found: number, all: number): string {
  return found === all ? String(all) : `${found} of ${all}`
}
