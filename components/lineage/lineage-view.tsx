"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import type { DatasetVersionSummary } from "#lib/contracts/api/dataset-versions.ts"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { datasetVersionsQuery } from "../queries/datasets.ts"
import { lineageGraphQuery } from "../queries/lineage.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Select } from "../ui/input.tsx"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { AsOfBanner } from "../versions/as-of-banner.tsx"
import { isSameMoment, momentQuery } from "../versions/moment-address.ts"
import { useMoment } from "../versions/use-moment.ts"
import { VersionSelect } from "../versions/version-select.tsx"
import { shortName } from "./lineage-flow.ts"
import { LineagePane } from "./lineage-pane.tsx"
import { counted } from "./lineage-words.ts"

const ADDRESS = {
  /** To which the graph is narrowed. */
  around: parseAsString,
  direction: parseAsStringLiteral(["both", "up", "down"] as const).withDefault("both"),
  depth: parseAsInteger.withDefault(3),
  dataset: parseAsString,
  column: parseAsString,
}

/** What all datasets are made from, and where each column goes. */
export function LineageView() {
  const [address, setAddress] = useQueryStates(ADDRESS, { history: "push" })
  const { around, direction, depth } = address
  const [asked, setMoment] = useMoment()
  // Versions are those of the dataset in focus.
  const moment = around === null ? null : asked
  const versions = useVersions(around)
  const reading = useQuery(
    lineageGraphQuery(around === null ? {} : { dataset: around, direction, depth, ...momentQuery(moment) }),
  )
  const { data, error, isError, refetch } = reading
  if (isError && !data) {
    return (
      <>
        <PageHeader title="Lineage" />
        {isNotFound(error) ? (
          <EmptyState
            title={moment ? `Version ${moment.version} does not know this dataset` : "There is no such dataset"}
            action={
              moment ? (
                <Button onClick={() => setMoment(null)}>Back to now</Button>
              ) : (
                <Button onClick={() => void setAddress(null)}>Show everything</Button>
              )
            }
          >
            {moment ? (
              adviceFor(error)
            ) : (
              <>
                <code>{around}</code> was never written, or its records are gone.
              </>
            )}
          </EmptyState>
        ) : (
          <ErrorState title="The lineage could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
        )}
      </>
    )
  }
  if (!data) {
    return (
      <>
        <PageHeader title="Lineage" />
        <SkeletonRows label="Reading the lineage" />
      </>
    )
  }
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title="Lineage"
        className="pb-2"
        beside={
          <span className="text-t3">
            {counted(data.nodes.filter(({ kind }) => kind !== "exposure").length, "dataset")}
          </span>
        }
        actions={
          versions.length > 1 && (
            <VersionSelect versions={versions} moment={moment} onChange={(next) => setMoment(next)} />
          )
        }
      />
      {moment && (
        <AsOfBanner
          moment={moment}
          at={versions.find((each) => isSameMoment(each, moment))?.at ?? null}
          versions={versions}
          onChange={setMoment}
        />
      )}
      {data.nodes.length === 0 ? (
        <NoLineage />
      ) : (
        <LineagePane
          graph={data}
          choice={{ dataset: address.dataset, column: address.column }}
          onChoose={(choice) => void setAddress(choice)}
          around={around}
          moment={moment}
          onAround={(dataset) => {
            void setAddress({ around: dataset })
            setMoment(null)
          }}
          controls={
            around === null ? (
              <span className="text-t2">Everything</span>
            ) : (
              <Around
                around={around}
                direction={direction}
                depth={depth}
                onChange={(change) => {
                  void setAddress(change)
                  if (change.around === null) setMoment(null)
                }}
              />
            )
          }
        />
      )}
    </>
  )
}

/** Versions in which the dataset in focus changed, the newest of them. */
function useVersions(around: string | null): DatasetVersionSummary[] {
  const { data } = useInfiniteQuery({ ...datasetVersionsQuery(around ?? ""), enabled: around !== null })
  return data?.pages.flatMap((page) => page.items) ?? []
}

const DEPTHS = [1, 2, 3, 5]

function Around({
  around,
  direction,
  depth,
  onChange,
}: {
  around: string
  direction: "both" | "up" | "down"
  depth: number
  onChange: (change: { around?: string | null; direction?: "both" | "up" | "down"; depth?: number }) => void
}) {
  return (
    <>
      <span className="min-w-0 truncate text-t2">
        Around <b className="font-strong text-t1">{shortName(around)}</b>
      </span>
      <Segmented
        label="Direction"
        value={direction}
        onValueChange={(value) => onChange({ direction: value })}
        options={[
          { value: "both", label: "Both ways" },
          { value: "up", label: "Upstream" },
          { value: "down", label: "Downstream" },
        ]}
      />
      <Select aria-label="Steps" value={depth} onChange={(event) => onChange({ depth: Number(event.target.value) })}>
        {[...new Set([...DEPTHS, depth])]
          .filter((value) => value !== 100)
          .toSorted((a, b) => a - b)
          .map((value) => (
            <option key={value} value={value}>
              {counted(value, "step")}
            </option>
          ))}
        <option value={100}>All steps</option>
      </Select>
      <Button variant="ghost" size="sm" onClick={() => onChange({ around: null })}>
        Show everything
      </Button>
    </>
  )
}

function NoLineage() {
  return (
    <EmptyState
      title="No lineage yet"
      action={
        <ButtonLink>
          <Link href="/pipelines">Pipelines</Link>
        </ButtonLink>
      }
    >
      Datasets appear here as soon as a task says what it reads and writes: models of a dbt project do by themselves,
      other tasks by <code>reads</code> and <code>writes</code>. Where the columns go is read from the query of a model
      when it has run.
    </EmptyState>
  )
}
