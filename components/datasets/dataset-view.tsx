"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { parseAsString, parseAsStringLiteral, useQueryState } from "nuqs"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { formatExact, plural } from "../format/count.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { FreshnessCard } from "../freshness/freshness-card.tsx"
import { FreshnessTab } from "../freshness/freshness-tab.tsx"
import { counted, kindWords } from "../lineage/lineage-words.ts"
import { QualityTab } from "../quality/quality-tab.tsx"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { datasetDetailQuery } from "../queries/datasets.ts"
import { SchemaTab } from "../series/schema-tab.tsx"
import { VolumeTab } from "../series/volume-tab.tsx"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Badge, Chip } from "../ui/badge.tsx"
import { ButtonLink } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Lead, PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Tab, TabList, TabPanel, Tabs } from "../ui/tabs.tsx"
import { DatasetPast } from "../versions/dataset-past.tsx"
import { useMoment } from "../versions/use-moment.ts"
import { VersionList } from "../versions/version-list.tsx"
import { ColumnTable } from "./column-table.tsx"
import { datasetParts } from "./filter-datasets.ts"
import { HistoryTab } from "./history-tab.tsx"
import { LineageTab } from "./lineage-tab.tsx"
import { LoadTable } from "./load-table.tsx"
import { PartitionCard } from "./partition-card.tsx"
import { PartitionTable } from "./partition-table.tsx"
import { ProfileTab } from "./profile-tab.tsx"
import { SampleTab } from "./sample-tab.tsx"
import { ScorePanel } from "./score-panel.tsx"
import { SqlTab } from "./sql-tab.tsx"
import { WatermarkTable } from "./watermark-table.tsx"

const DocsView = dynamic(() => import("../pipeline/docs-view.tsx"), { ssr: false })

const TABS = [
  "quality",
  "volume",
  "freshness",
  "schema",
  "columns",
  "profile",
  "sql",
  "lineage",
  "sample",
  "history",
  "loads",
  "partitions",
  "watermarks",
  "versions",
] as const
/** Tabs that need the whole width. */
const WIDE: ReadonlySet<string> = new Set([
  "volume",
  "freshness",
  "schema",
  "profile",
  "sql",
  "lineage",
  "sample",
  "history",
  "versions",
])

/** One dataset: whether its data can be trusted, what it holds, and how it came; or what it was as of a version. */
export function DatasetView({ id }: { id: string }) {
  const [moment, setMoment] = useMoment()
  if (moment !== null) return <DatasetPast id={id} moment={moment} onMoment={setMoment} />
  return <DatasetNow id={id} onMoment={setMoment} />
}

function DatasetNow({ id, onMoment }: { id: string; onMoment: (moment: Moment) => void }) {
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("quality"))
  const [check] = useQueryState("check", parseAsString)
  const reading = useQuery(datasetDetailQuery(id))
  const { data, error, isError, refetch } = reading
  if (isError && !data) {
    return (
      <>
        <PageHeader title={datasetParts(id).name} />
        {isNotFound(error) ? (
          <EmptyState
            title="There is no such dataset"
            action={
              <ButtonLink>
                <Link href="/datasets">All datasets</Link>
              </ButtonLink>
            }
          >
            <code>{id}</code> was never written, or its records are gone.
          </EmptyState>
        ) : (
          <ErrorState title="The dataset could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
        )}
      </>
    )
  }
  if (!data) {
    return (
      <>
        <PageHeader title={datasetParts(id).name} />
        <SkeletonRows label="Reading the dataset" />
      </>
    )
  }
  const wrong = data.checks.filter((check) => !check.passed)
  const failing = wrong.filter((check) => check.severity === "error").length
  const warning = wrong.length - failing
  return (
    <>
      <StaleNotice reading={reading} />
      <Header dataset={data} failing={failing} warning={warning} />
      <Tabs value={tab} onValueChange={(value) => void setTab(value as (typeof TABS)[number])}>
        <TabList label="Parts of the dataset">
          <Tab
            value="quality"
            count={
              failing > 0
                ? `${formatExact(failing)} failing`
                : warning > 0
                  ? plural(warning, "warning")
                  : data.checks.length
            }
            isHot={failing > 0}
          >
            Quality
          </Tab>
          <Tab value="volume">Volume</Tab>
          <Tab value="freshness">Freshness</Tab>
          <Tab value="schema">Schema</Tab>
          <Tab value="columns" count={data.columns.length}>
            Columns
          </Tab>
          <Tab value="profile">Profile</Tab>
          {(data.definition?.sql ?? data.compiled) && <Tab value="sql">SQL</Tab>}
          <Tab value="lineage">Lineage</Tab>
          <Tab value="versions">Versions</Tab>
          <Tab value="sample">Sample</Tab>
          {data.definition?.snapshot && <Tab value="history">History</Tab>}
          <Tab value="loads" count={data.materializations.length}>
            Loads
          </Tab>
          <Tab value="partitions" count={data.partitions.length}>
            Partitions
          </Tab>
          <Tab value="watermarks" count={data.watermarks.length}>
            Watermarks
          </Tab>
        </TabList>
        <div className="flex min-h-0 flex-1 max-xl:flex-col max-xl:overflow-auto">
          <div className="flex min-h-0 min-w-0 flex-1 flex-col max-xl:flex-none">
            <TabPanel value="quality" className="flex min-h-0 flex-col max-xl:min-h-[60vh]">
              <QualityTab dataset={data} />
            </TabPanel>
            <TabPanel value="freshness" className="flex flex-col overflow-auto">
              <FreshnessTab id={data.id} />
            </TabPanel>
            <TabPanel value="volume" className="flex flex-col overflow-auto">
              <VolumeTab dataset={data} />
            </TabPanel>
            <TabPanel value="schema" className="overflow-auto">
              <SchemaTab id={data.id} />
            </TabPanel>
            <TabPanel value="columns" className="overflow-auto">
              <ColumnTable dataset={data} />
            </TabPanel>
            <TabPanel value="profile" className="flex flex-col max-xl:min-h-[70vh]">
              <ProfileTab id={data.id} />
            </TabPanel>
            <TabPanel value="sql" className="flex flex-col">
              <SqlTab dataset={data} />
            </TabPanel>
            <TabPanel value="lineage" className="flex flex-col max-xl:min-h-[70vh]">
              <LineageTab id={data.id} />
            </TabPanel>
            <TabPanel value="sample" className="flex flex-col">
              <SampleTab id={data.id} />
            </TabPanel>
            <TabPanel value="history" className="flex flex-col">
              {data.definition?.snapshot ? (
                <HistoryTab id={data.id} snapshot={data.definition.snapshot} />
              ) : (
                <EmptyState title="This dataset keeps no versions of its rows">
                  Snapshots of a dbt project do, and models that say so in their meta, under scd2.
                </EmptyState>
              )}
            </TabPanel>
            <TabPanel value="loads" className="flex flex-col overflow-auto">
              <LoadTable loads={data.materializations} />
            </TabPanel>
            <TabPanel value="partitions" className="flex flex-col overflow-auto">
              <PartitionTable partitions={data.partitions} />
            </TabPanel>
            <TabPanel value="watermarks" className="overflow-auto">
              <WatermarkTable watermarks={data.watermarks} />
            </TabPanel>
            <TabPanel value="versions" className="overflow-auto">
              <VersionList id={data.id} onOpen={onMoment} />
            </TabPanel>
          </div>
          <aside
            aria-label="Quality and partitions"
            // A check that is picked stands in its place.
            hidden={WIDE.has(tab) || (tab === "quality" && check !== null)}
            className="w-[var(--panel)] flex-none overflow-auto border-line border-l max-xl:w-full max-xl:border-t max-xl:border-l-0"
          >
            <FreshnessCard id={data.id} />
            <ScorePanel dataset={data} />
            <PartitionCard dataset={data} />
          </aside>
        </div>
      </Tabs>
    </>
  )
}

function Header({ dataset, failing, warning }: { dataset: DatasetDetail; failing: number; warning: number }) {
  const parts = datasetParts(dataset.id)
  const stale = dataset.partitions.filter((one) => one.state === "stale").length
  return (
    <PageHeader
      title={parts.name}
      beside={
        <>
          {failing > 0 ? (
            <Badge glyph="failed">{failing === 1 ? "1 check fails" : `${formatExact(failing)} checks fail`}</Badge>
          ) : warning > 0 ? (
            <Badge glyph="at_risk">{warning === 1 ? "1 check warns" : `${formatExact(warning)} checks warn`}</Badge>
          ) : stale > 0 ? (
            <Badge glyph="stale">{stale === 1 ? "1 stale partition" : `${stale} stale partitions`}</Badge>
          ) : (
            dataset.score !== null && <Badge glyph="success">All checks pass</Badge>
          )}
          <Chip>{kindWords(dataset.kind, dataset.materialized)}</Chip>
          {dataset.sensitiveColumns > 0 && (
            <Chip>
              <Icon name="lock" size={12} className="mr-0.5" />
              {counted(dataset.sensitiveColumns, "column")} with personal data
            </Chip>
          )}
          {dataset.tags.map((tag) => (
            <Chip key={tag}>{tag}</Chip>
          ))}
        </>
      }
      actions={
        <>
          {dataset.id.startsWith("warehouse.") && (
            <ButtonLink>
              <Link href={`/diff?left=${encodeURIComponent(dataset.id.slice("warehouse.".length))}`}>
                <Icon name="copy" className="-ml-0.5" />
                Compare
              </Link>
            </ButtonLink>
          )}
          {dataset.pipelineId && dataset.partitions.length > 0 && (
            <ButtonLink>
              <Link href={`/backfills/new?pipeline=${encodeURIComponent(dataset.pipelineId)}`}>
                <Icon name="backfills" className="-ml-0.5" />
                Load a range again
              </Link>
            </ButtonLink>
          )}
        </>
      }
    >
      <Description text={dataset.description} />
      <MetaRow
        items={[
          ["Table", <code key="table">{dataset.id}</code>],
          ["Rows", formatExact(dataset.rowCount)],
          [
            "Loaded",
            <span key="loaded">
              <Time at={dataset.updatedAt} />{" "}
              {dataset.updatedAt && <RelativeTime at={dataset.updatedAt} className="text-t3" />}
            </span>,
          ],
          ["Owner", dataset.owner ?? "nobody yet"],
          [
            "Built by",
            dataset.pipelineId ? (
              <span key="built">
                <Link className="link" href={`/pipelines/${encodeURIComponent(dataset.pipelineId)}`}>
                  {dataset.pipelineId}
                </Link>{" "}
                {dataset.taskId}
              </span>
            ) : (
              "no task here"
            ),
          ],
        ]}
      />
    </PageHeader>
  )
}

/** The first paragraph; what follows, and whatever Markdown is in it, on request. */
function Description({ text }: { text: string }) {
  const [first = "", ...rest] = text.trim().split(/\n\s*\n/)
  if (first === "") return null
  return (
    <>
      <Lead>{first}</Lead>
      {rest.length > 0 && (
        <details className="mt-1">
          <summary className="cursor-pointer text-12 text-t2">All of its description</summary>
          <div className="-mx-6 max-h-[50vh] overflow-auto max-sm:-mx-4">
            <DocsView text={text} />
          </div>
        </details>
      )}
    </>
  )
}
