"use client"
import { useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import { useRouter } from "next/navigation"
import { parseAsStringLiteral, useQueryState } from "nuqs"
import { useMemo, useState } from "react"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { pipelineDetailQuery } from "../queries/pipelines.ts"
import { runDetailQuery } from "../queries/runs.ts"
import { ButtonLink } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Tab, TabList, TabPanel, Tabs } from "../ui/tabs.tsx"
import { GraphTab } from "./graph-tab.tsx"
import { NoDefinition } from "./no-definition.tsx"
import { backfillHref, PipelineHeader } from "./pipeline-header.tsx"
import { RunsTab } from "./runs-tab.tsx"
import { SettingsView } from "./settings-view.tsx"

const skeleton = () => <SkeletonRows label="Loading" />
// The highlighter, the Markdown parser and the form each serve one click: their code comes with it.
const CodeView = dynamic(() => import("../code/code-view.tsx"), { ssr: false, loading: skeleton })
const GridTab = dynamic(() => import("../grid/grid-tab.tsx"), { ssr: false, loading: skeleton })
const CalendarTab = dynamic(() => import("../calendar/calendar-tab.tsx"), { ssr: false, loading: skeleton })
const DocsView = dynamic(() => import("./docs-view.tsx"), { ssr: false, loading: skeleton })
const RunDialog = dynamic(() => import("./run-dialog.tsx").then((module) => module.RunDialog), { ssr: false })

const TABS = ["graph", "grid", "runs", "calendar", "code", "docs", "settings"] as const
type TabName = (typeof TABS)[number]

/**
 * One pipeline: its graph with live states, its runs, its code at every version, its docs and settings. `initial` is the
 * pipeline as the server read it for the first view.
 */
export function PipelineView({ id, initial }: { id: string; initial: PipelineDetail | null }) {
  // Updated at 0: shown at once and read again, as it may have changed before the live stream was open.
  const pipeline = useQuery({
    ...pipelineDetailQuery(id),
    ...(initial && { initialData: initial, initialDataUpdatedAt: 0 }),
  })
  if (pipeline.data) return <Loaded pipeline={pipeline.data} />
  return (
    <>
      <PageHeader title={id} />
      {!pipeline.error ? (
        <SkeletonRows label="Reading the pipeline" rows={14} />
      ) : isNotFound(pipeline.error) ? (
        <EmptyState
          title="There is no such pipeline"
          action={
            <ButtonLink>
              <Link href="/pipelines">All pipelines</Link>
            </ButtonLink>
          }
        >
          <code>{id}</code> is not in the workspace and never ran here.
        </EmptyState>
      ) : (
        <ErrorState
          title="The pipeline could not be read"
          message={adviceFor(pipeline.error)}
          onRetry={() => void pipeline.refetch()}
        />
      )}
    </>
  )
}

function Loaded({ pipeline }: { pipeline: PipelineDetail }) {
  const [tab, setTab] = useQueryState("tab", parseAsStringLiteral(TABS).withDefault("graph"))
  const [isStarting, setStarting] = useState(false)
  const latestId = pipeline.recentRuns.at(-1)?.id ?? null
  const latest = useQuery({ ...runDetailQuery(latestId ?? ""), enabled: latestId !== null }).data ?? null
  usePipelineKeys(pipeline, setStarting)
  return (
    <>
      <PipelineHeader pipeline={pipeline} latest={latest} onRun={() => setStarting(true)} />
      <Tabs className="min-h-[480px]" value={tab} onValueChange={(value) => void setTab(value as TabName)}>
        <TabList label="Parts of the pipeline">
          <Tab value="graph">Graph</Tab>
          <Tab value="grid">Grid</Tab>
          <Tab value="runs">Runs</Tab>
          <Tab value="calendar">Calendar</Tab>
          <Tab value="code" count={pipeline.version === null ? undefined : `v${pipeline.version}`}>
            Code
          </Tab>
          <Tab value="docs">Docs</Tab>
          <Tab value="settings">Settings</Tab>
        </TabList>
        <TabPanel value="graph" className="flex">
          <GraphTab pipeline={pipeline} latestId={latestId} onRun={() => setStarting(true)} />
        </TabPanel>
        <TabPanel value="grid" className="flex">
          <GridTab pipeline={pipeline} onRun={() => setStarting(true)} />
        </TabPanel>
        <TabPanel value="runs" className="flex flex-col">
          <RunsTab pipelineId={pipeline.id} onRun={() => setStarting(true)} />
        </TabPanel>
        <TabPanel value="calendar" className="flex flex-col overflow-y-auto">
          <CalendarTab pipelineId={pipeline.id} onRun={() => setStarting(true)} />
        </TabPanel>
        <TabPanel value="code" className="flex flex-col">
          {pipeline.version === null ? (
            <NoDefinition pipeline={pipeline} />
          ) : (
            <CodeView pipelineId={pipeline.id} current={pipeline.version} />
          )}
        </TabPanel>
        <TabPanel value="docs" className="overflow-auto">
          {pipeline.manifest?.docs.trim() ? (
            <DocsView text={pipeline.manifest.docs} />
          ) : (
            <EmptyState title="No docs yet">
              Give the pipeline <code>docs</code> in Markdown: what it is for, what to do when it fails, whom to ask.
            </EmptyState>
          )}
        </TabPanel>
        <TabPanel value="settings" className="flex flex-col">
          {pipeline.manifest ? <SettingsView pipeline={pipeline} /> : <NoDefinition pipeline={pipeline} />}
        </TabPanel>
      </Tabs>
      {isStarting && <RunDialog pipeline={pipeline} onClose={() => setStarting(false)} />}
    </>
  )
}

function usePipelineKeys(pipeline: PipelineDetail, setStarting: (isStarting: boolean) => void) {
  const router = useRouter()
  const { id, isDefined } = pipeline
  const canBackfill = pipeline.manifest?.partition !== null && isDefined
  useKeys(
    useMemo<Shortcut[]>(
      () => [
        { keys: "r", label: "Run now", run: () => isDefined && setStarting(true) },
        { keys: "b", label: "Backfill", run: () => canBackfill && router.push(backfillHref(id)) },
      ],
      [id, isDefined, canBackfill, router, setStarting],
    ),
  )
}
