"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useDeferredValue } from "react"
import { adviceFor } from "../queries/client.ts"
import { datasetListQuery } from "../queries/datasets.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Facet } from "../ui/facet.tsx"
import { SearchInput, Select } from "../ui/input.tsx"
import { PageHeader, Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { DatasetTable } from "./dataset-table.tsx"
import { DATASET_SORTS, type DatasetFilter, datasetParts, filterDatasets } from "./filter-datasets.ts"

const SORT_WORDS = { name: "By name", score: "Worst quality first", rows: "Most rows first", updated: "Newest first" }

/** The catalogue. */
export function DatasetsView() {
  const [filter, setFilter] = useQueryStates(
    {
      q: parseAsString.withDefault(""),
      schema: parseAsString,
      owner: parseAsString,
      tag: parseAsString,
      kind: parseAsString,
      data: parseAsStringLiteral(["personal data"] as const),
      state: parseAsStringLiteral(["failing", "unchecked"] as const),
      sort: parseAsStringLiteral(DATASET_SORTS).withDefault("name"),
    },
    { history: "replace" },
  )
  const reading = useQuery(datasetListQuery())
  const { data, error, isError, refetch } = reading
  const q = useDeferredValue(filter.q)
  if (isError && !data) {
    return (
      <>
        <PageHeader title="Datasets" />
        <ErrorState title="The datasets could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      </>
    )
  }
  const found = data ? filterDatasets(data, { ...filter, q }) : []
  const schemas = [...new Set((data ?? []).map((one) => datasetParts(one.id).schema))].filter(Boolean).toSorted()
  const owners = [...new Set((data ?? []).flatMap((one) => one.owner ?? []))].toSorted()
  const tags = [...new Set((data ?? []).flatMap((one) => one.tags))].toSorted()
  const kinds = [...new Set((data ?? []).map((one) => one.kind))].toSorted()
  const hasPersonalData = (data ?? []).some((one) => one.sensitiveColumns > 0)
  const isEmpty = data?.length === 0
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title="Datasets"
        beside={
          data && (
            <span className="text-t3">
              {found.length === data.length ? data.length : `${found.length} of ${data.length}`}
            </span>
          )
        }
      />
      <Toolbar>
        <SearchInput
          label="Search datasets"
          placeholder="Name, description, owner, tag"
          value={filter.q}
          onValueChange={(value) => void setFilter({ q: value || null })}
        />
        <Segmented
          label="Quality"
          value={filter.state ?? "all"}
          onValueChange={(value) => void setFilter({ state: value === "all" ? null : value })}
          options={[
            { value: "all", label: "All" },
            { value: "failing", label: "Failing" },
            { value: "unchecked", label: "No checks" },
          ]}
        />
        <Facet label="Schema" value={filter.schema} values={schemas} onPick={(schema) => void setFilter({ schema })} />
        <Facet label="Owner" value={filter.owner} values={owners} onPick={(owner) => void setFilter({ owner })} />
        {tags.length > 0 && (
          <Facet label="Tag" value={filter.tag} values={tags} onPick={(tag) => void setFilter({ tag })} />
        )}
        {kinds.length > 1 && (
          <Facet label="Kind" value={filter.kind} values={kinds} onPick={(kind) => void setFilter({ kind })} />
        )}
        {hasPersonalData && (
          <Facet
            label="Data"
            value={filter.data}
            values={["personal data"]}
            onPick={(value) => void setFilter({ data: value === null ? null : "personal data" })}
          />
        )}
        <Select
          aria-label="Order"
          value={filter.sort}
          onChange={(event) => void setFilter({ sort: event.target.value as DatasetFilter["sort"] })}
        >
          {DATASET_SORTS.map((sort) => (
            <option key={sort} value={sort}>
              {SORT_WORDS[sort]}
            </option>
          ))}
        </Select>
      </Toolbar>
      {!data ? (
        <SkeletonRows rowHeight={50} label="Reading datasets" />
      ) : found.length > 0 ? (
        <DatasetTable datasets={found} isDimmed={isError || q !== filter.q} />
      ) : isEmpty ? (
        <EmptyState title="No dataset yet">
          A dataset appears here when a task that says <code>writes</code> has written it. Run a pipeline to see its
          tables, their quality and their history.
        </EmptyState>
      ) : (
        <EmptyState
          title="No dataset matches"
          action={<Button onClick={() => void setFilter(null)}>Show all {data.length}</Button>}
        >
          None of {data.length} datasets fits this search and these filters.
        </EmptyState>
      )}
    </>
  )
}
