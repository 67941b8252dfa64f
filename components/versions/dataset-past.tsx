"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsString, useQueryState } from "nuqs"
import type { ReactNode } from "react"
import type { DatasetVersion, DatasetVersionSummary, Moment } from "#lib/contracts/api/dataset-versions.ts"
import { ColumnTable } from "../datasets/column-table.tsx"
import { datasetParts } from "../datasets/filter-datasets.ts"
import { LineageTab } from "../datasets/lineage-tab.tsx"
import { SqlTab } from "../datasets/sql-tab.tsx"
import { kindWords } from "../lineage/lineage-words.ts"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { datasetVersionQuery, datasetVersionsQuery } from "../queries/datasets.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Chip } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Lead, PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Tab, TabList, TabPanel, Tabs } from "../ui/tabs.tsx"
import { AsOfBanner } from "./as-of-banner.tsx"
import { isSameMoment } from "./moment-address.ts"
import { VersionSelect } from "./version-select.tsx"

// The highlighter's client is of no use to the other tabs.
const VersionChanges = dynamic(() => import("./version-changes.tsx"), {
  ssr: false,
  loading: () => <SkeletonRows label="Reading the changes" />,
})

const TABS: readonly string[] = ["versions", "columns", "sql", "lineage"]

/** A dataset as of a version: what is kept of it, and what the version changed. */
export function DatasetPast({
  id,
  moment,
  onMoment,
}: {
  id: string
  moment: Moment
  onMoment: (moment: Moment | null) => void
}) {
  const reading = useQuery(datasetVersionQuery(id, moment))
  const listed = useInfiniteQuery(datasetVersionsQuery(id))
  const versions = listed.data?.pages.flatMap((page) => page.items) ?? []
  const { data, error, refetch } = reading
  return (
    <>
      <StaleNotice reading={reading} />
      <PastHeader id={id} dataset={data} versions={versions} moment={moment} onMoment={onMoment} />
      <AsOfBanner moment={moment} at={data?.at ?? null} versions={versions} onChange={onMoment} />
      {error && !data ? (
        <Unreadable error={error} onRetry={() => void refetch()} onNow={() => onMoment(null)} />
      ) : data ? (
        <PastTabs dataset={data} />
      ) : (
        <SkeletonRows label="Reading the version" />
      )}
    </>
  )
}

function PastHeader({
  id,
  dataset,
  versions,
  moment,
  onMoment,
}: {
  id: string
  dataset: DatasetVersion | undefined
  versions: readonly DatasetVersionSummary[]
  moment: Moment
  onMoment: (moment: Moment | null) => void
}) {
  return (
    <PageHeader
      title={datasetParts(id).name}
      beside={
        dataset && (
          <>
            <Chip>{kindWords(dataset.kind, dataset.materialized)}</Chip>
            {dataset.tags.map((tag) => (
              <Chip key={tag}>{tag}</Chip>
            ))}
          </>
        )
      }
      actions={<VersionSelect versions={versions} moment={moment} onChange={onMoment} />}
    >
      {dataset?.description.trim() && <Lead>{dataset.description.trim().split(/\n\s*\n/)[0]}</Lead>}
      <MetaRow
        items={[
          ["Table", <code key="table">{id}</code>],
          ...(dataset
            ? ([
                ["Owner", dataset.owner ?? "nobody yet"],
                ["Made from", upstreamText(dataset)],
              ] as [string, ReactNode][])
            : []),
        ]}
      />
    </PageHeader>
  )
}

function upstreamText(dataset: DatasetVersion): string {
  return dataset.upstreams.map((id) => datasetParts(id).name).join(", ") || "nothing that is known"
}

function PastTabs({ dataset }: { dataset: DatasetVersion }) {
  const [wanted, setTab] = useQueryState("tab", parseAsString)
  // Tabs that show data as it is now have no past.
  const tab = wanted !== null && TABS.includes(wanted) ? wanted : "versions"
  const moment = { pipelineId: dataset.pipelineId, version: dataset.version }
  const isOwn = isSameMoment(dataset.change, moment)
  return (
    <Tabs value={tab} onValueChange={(value) => void setTab(value)}>
      <TabList label="Parts of the dataset">
        <Tab value="versions">Changes</Tab>
        <Tab value="columns" count={dataset.columns.length}>
          Columns
        </Tab>
        <Tab value="sql">SQL</Tab>
        <Tab value="lineage">Lineage</Tab>
      </TabList>
      <TabPanel value="versions" className="flex flex-col overflow-auto">
        <VersionChanges dataset={dataset} />
      </TabPanel>
      <TabPanel value="columns" className="overflow-auto">
        <ColumnTable
          dataset={{ ...dataset, checks: [] }}
          past={{ moment, changes: isOwn ? dataset.change.changes : null }}
        />
      </TabPanel>
      <TabPanel value="sql" className="flex flex-col">
        <SqlTab dataset={dataset} />
      </TabPanel>
      <TabPanel value="lineage" className="flex flex-col max-xl:min-h-[70vh]">
        <LineageTab id={dataset.id} moment={moment} />
      </TabPanel>
    </Tabs>
  )
}

function Unreadable({ error, onRetry, onNow }: { error: unknown; onRetry: () => void; onNow: () => void }) {
  if (!isNotFound(error)) {
    return <ErrorState title="The version could not be read" message={adviceFor(error)} onRetry={onRetry} />
  }
  return (
    <EmptyState title="There is no such version of the dataset" action={<Button onClick={onNow}>Back to now</Button>}>
      {adviceFor(error)}
    </EmptyState>
  )
}
