"use client"
import { useInfiniteQuery } from "@tanstack/react-query"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useCallback } from "react"
import { FRESHNESS_SORTS, STANDINGS } from "#lib/domain/freshness/rank-freshness.ts"
import { useZone } from "../format/zone.ts"
import { adviceFor } from "../queries/client.ts"
import { freshnessListQuery } from "../queries/freshness.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Facet } from "../ui/facet.tsx"
import { SearchInput } from "../ui/input.tsx"
import { PageHeader, Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { useDebounced } from "../ui/use-debounced.ts"
import { StripLegend } from "./compliance-strip.tsx"
import { FreshnessSummary } from "./freshness-summary.tsx"
import { FreshnessTable } from "./freshness-table.tsx"

/** Every dataset with a freshness policy: what is late, what will be, and how well each policy was kept. */
export function FreshnessView() {
  const zone = useZone()
  const [filter, setFilter] = useQueryStates(
    {
      q: parseAsString.withDefault(""),
      state: parseAsStringLiteral(STANDINGS),
      owner: parseAsString,
      tag: parseAsString,
      sort: parseAsStringLiteral(FRESHNESS_SORTS).withDefault("worst"),
    },
    { history: "replace" },
  )
  const q = useDebounced(filter.q)
  const reading = useInfiniteQuery(freshnessListQuery({ ...filter, q, zone }))
  const { data, error, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = reading
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  if (!data) {
    return (
      <>
        <PageHeader title="Freshness" />
        {isError ? (
          <ErrorState title="Freshness could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows rowHeight={50} label="Reading freshness" />
        )}
      </>
    )
  }
  const { summary, total } = data.pages[0]!
  // Ranks move while pages are read: a dataset that moved down would come twice.
  const items = [...new Map(data.pages.flatMap((page) => page.items).map((item) => [item.datasetId, item])).values()]
  const all = Object.values(summary.standings).reduce((sum, count) => sum + count, 0)
  if (all === 0) return <NoPolicies />
  return (
    <>
      <StaleNotice reading={reading} />
      <FreshnessSummary summary={summary} chosen={filter.state} onChoose={(state) => void setFilter({ state })} />
      <Toolbar>
        <SearchInput
          label="Search freshness"
          placeholder="Dataset, owner, tag"
          value={filter.q}
          onValueChange={(value) => void setFilter({ q: value || null })}
        />
        <Segmented
          label="Order"
          value={filter.sort}
          onValueChange={(sort) => void setFilter({ sort })}
          options={[
            { value: "worst", label: "Worst first" },
            { value: "deadline", label: "By deadline" },
            { value: "owner", label: "By owner" },
          ]}
        />
        {summary.owners.length > 0 && (
          <Facet
            label="Owner"
            value={filter.owner}
            values={summary.owners}
            onPick={(owner) => void setFilter({ owner })}
          />
        )}
        {summary.tags.length > 0 && (
          <Facet label="Tag" value={filter.tag} values={summary.tags} onPick={(tag) => void setFilter({ tag })} />
        )}
        <StripLegend />
      </Toolbar>
      {total === 0 ? (
        <EmptyState
          title="No dataset matches"
          action={<Button onClick={() => void setFilter(null)}>Show all {all}</Button>}
        >
          None of {all} datasets with a policy fits this search and these filters.
        </EmptyState>
      ) : (
        <FreshnessTable
          items={items}
          isDimmed={reading.isPlaceholderData || isError || q !== filter.q}
          onReachEnd={readMore}
        />
      )}
    </>
  )
}

const EXAMPLE = `datasets:
  marts.fct_orders:
    freshness:
      maxAge: { warn: 6h, error: 1d }
      deadline: { by: "07:00", timezone: Europe/Berlin, workingDays: true }`

function NoPolicies() {
  return (
    <>
      <PageHeader title="Freshness" />
      <EmptyState title="No dataset has a freshness policy yet">
        <p>
          Say how old a table may be, or by when it has to be there, in a file under <code>quality/</code> of the
          workspace. Its freshness is then watched here, whether anything runs or not. Sources of dbt projects that say{" "}
          <code>freshness</code> come by themselves.
        </p>
        <pre className="mt-3 overflow-auto rounded-2 border border-line bg-sunken px-3 py-2 text-12">{EXAMPLE}</pre>
      </EmptyState>
    </>
  )
}
