"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useDeferredValue } from "react"
import type { DatasetQuality } from "#lib/contracts/api/quality.ts"
import { plural } from "../format/count.ts"
import { adviceFor } from "../queries/client.ts"
import { failingChecksQuery, qualityListQuery } from "../queries/quality.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Facet } from "../ui/facet.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { SearchInput } from "../ui/input.tsx"
import { Link } from "../ui/link.tsx"
import { Lead, PageHeader, Toolbar } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { CheckList } from "./check-list.tsx"
import { CheckPanel } from "./check-panel.tsx"
import { filterQuality, qualityVerdict } from "./filter-quality.ts"
import { QualityTable } from "./quality-table.tsx"

/** Which data can be trusted: scores by dataset and dimension, and what fails, worst first. */
export function QualityView() {
  const [filter, setFilter] = useQueryStates(
    {
      q: parseAsString.withDefault(""),
      view: parseAsStringLiteral(["datasets", "checks"] as const).withDefault("datasets"),
      state: parseAsStringLiteral(["failing", "unchecked"] as const),
      owner: parseAsString,
      check: parseAsString,
    },
    { history: "replace" },
  )
  const reading = useQuery(qualityListQuery())
  const { data, error, isError, refetch } = reading
  const q = useDeferredValue(filter.q)
  if (isError && !data) {
    return (
      <>
        <PageHeader title="Quality" />
        <ErrorState title="Quality could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      </>
    )
  }
  const verdict = data ? qualityVerdict(data) : null
  const owners = [...new Set((data ?? []).flatMap((one) => one.owner ?? []))].toSorted()
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title={
          verdict ? (
            <span className="inline-flex items-center gap-2">
              <StateIcon name={verdict.glyph} size={22} />
              {verdict.words}
            </span>
          ) : (
            "Quality"
          )
        }
        actions={
          <ButtonLink>
            <Link href="/quality/expectations">What may be expected</Link>
          </ButtonLink>
        }
      >
        {verdict?.note && <Lead>{verdict.note}</Lead>}
      </PageHeader>
      <Toolbar>
        <SearchInput
          label="Search quality"
          placeholder={filter.view === "checks" ? "Dataset, check, message" : "Dataset, owner, tag"}
          value={filter.q}
          onValueChange={(value) => void setFilter({ q: value || null })}
        />
        <Segmented
          label="View"
          value={filter.view}
          onValueChange={(view) => void setFilter({ view, check: null })}
          options={[
            { value: "datasets", label: "Datasets" },
            { value: "checks", label: "Failing checks" },
          ]}
        />
        {filter.view === "datasets" && (
          <>
            <Segmented
              label="State"
              value={filter.state ?? "all"}
              onValueChange={(value) => void setFilter({ state: value === "all" ? null : value })}
              options={[
                { value: "all", label: "All" },
                { value: "failing", label: "Failing" },
                { value: "unchecked", label: "No score" },
              ]}
            />
            <Facet label="Owner" value={filter.owner} values={owners} onPick={(owner) => void setFilter({ owner })} />
          </>
        )}
      </Toolbar>
      {filter.view === "checks" ? (
        <FailingChecks q={q} picked={filter.check} onPick={(check) => void setFilter({ check })} />
      ) : !data ? (
        <SkeletonRows rowHeight={50} label="Reading quality" />
      ) : (
        <Datasets
          all={data}
          found={filterQuality(data, { ...filter, q })}
          isDimmed={isError || q !== filter.q}
          onShowAll={() => void setFilter(null)}
        />
      )}
    </>
  )
}

function Datasets({
  all,
  found,
  isDimmed,
  onShowAll,
}: {
  all: readonly DatasetQuality[]
  found: readonly DatasetQuality[]
  isDimmed: boolean
  onShowAll: () => void
}) {
  if (found.length > 0) return <QualityTable datasets={found} isDimmed={isDimmed} />
  if (all.length === 0) {
    return (
      <EmptyState
        title="Nothing is expected of any dataset yet"
        action={
          <ButtonLink>
            <Link href="/quality/expectations">What may be expected</Link>
          </ButtonLink>
        }
      >
        Write what must hold into <code>quality/*.yml</code> of the workspace, or add a <code>checks</code> task. Scores
        and failing rows appear here after the next load.
      </EmptyState>
    )
  }
  return (
    <EmptyState title="No dataset matches" action={<Button onClick={onShowAll}>Show all {all.length}</Button>}>
      Try another word, or another owner.
    </EmptyState>
  )
}

function FailingChecks({
  q,
  picked,
  onPick,
}: {
  q: string
  picked: string | null
  onPick: (id: string | null) => void
}) {
  const reading = useInfiniteQuery(failingChecksQuery())
  const { data, error, isError, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = reading
  if (isError && !data) {
    return <ErrorState title="Checks could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
  }
  if (!data) return <SkeletonRows label="Reading failing checks" />
  const words = q.trim().toLowerCase()
  const all = data.pages.flatMap((page) => page.items)
  const found = all.filter((one) => `${one.dataset} ${one.name} ${one.message}`.toLowerCase().includes(words))
  const check = all.find(({ id }) => id === picked)
  const more = hasNextPage && !isFetchingNextPage ? () => void fetchNextPage() : undefined
  if (found.length === 0) {
    return all.length === 0 ? (
      <EmptyState title="No check fails">The newest result of every check is good, or there is none yet.</EmptyState>
    ) : (
      <EmptyState title="No failing check matches">{plural(all.length, "check")} fail in all.</EmptyState>
    )
  }
  return (
    <div className="flex min-h-0 flex-1">
      <CheckList checks={found} picked={picked} onPick={onPick} hasDatasets isDimmed={isError} onReachEnd={more} />
      {check && <CheckPanel key={check.id} check={check} hasDataset onClose={() => onPick(null)} />}
    </div>
  )
}
