"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import dynamic from "next/dynamic"
import Link from "next/link"
import { useRouter } from "next/navigation"
import { parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { type ReactNode, useCallback, useMemo, useState } from "react"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { GraphPane, RunProgress } from "../dag/graph-pane.tsx"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { pipelineDetailQuery, versionDetailQuery } from "../queries/pipelines.ts"
import { runDetailQuery, runListQuery } from "../queries/runs.ts"
import { useRunActions } from "../run/run-actions.tsx"
import { TaskPanel } from "../run/task-panel.tsx"
import { RunTable } from "../runs/run-table.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Tab, TabList, TabPanel, Tabs } from "../ui/tabs.tsx"
import { backfillHref, PipelineHeader } from "./pipeline-header.tsx"
import { RunPicker } from "./run-picker.tsx"
import { SettingsView } from "./settings-view.tsx"

const skeleton = () => <SkeletonRows label="Loading" />
// The highlighter, the Markdown parser and the form each serve one click: their code comes with it.
const CodeView = dynamic(() => import("../code/code-view.tsx"), { ssr: false, loading: skeleton })
const DocsView = dynamic(() => import("./docs-view.tsx"), { ssr: false, loading: skeleton })
const RunDialog = dynamic(() => import("./run-dialog.tsx").then((module) => module.RunDialog), { ssr: false })

const TABS = ["graph", "runs", "code", "docs", "settings"] as const
type TabName = (typeof TABS)[number]
const ADDRESS = {
  tab: parseAsStringLiteral(TABS).withDefault("graph"),
  run: parseAsString,
  task: parseAsString,
}

/** One pipeline: its graph with live states, its runs, its code at every version, its docs and settings. */
export function PipelineView({ id }: { id: string }) {
  const pipeline = useQuery(pipelineDetailQuery(id))
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
  const [{ tab }, setAddress] = useQueryStates(ADDRESS)
  const [isStarting, setStarting] = useState(false)
  const latestId = pipeline.recentRuns.at(-1)?.id ?? null
  const latest = useQuery({ ...runDetailQuery(latestId ?? ""), enabled: latestId !== null }).data ?? null
  usePipelineKeys(pipeline, setStarting)
  return (
    <>
      <PipelineHeader pipeline={pipeline} latest={latest} onRun={() => setStarting(true)} />
      <Tabs className="min-h-[480px]" value={tab} onValueChange={(value) => void setAddress({ tab: value as TabName })}>
        <TabList label="Parts of the pipeline">
          <Tab value="graph">Graph</Tab>
          <Tab value="runs">Runs</Tab>
          <Tab value="code" count={pipeline.version === null ? undefined : `v${pipeline.version}`}>
            Code
          </Tab>
          <Tab value="docs">Docs</Tab>
          <Tab value="settings">Settings</Tab>
        </TabList>
        <TabPanel value="graph" className="flex">
          <GraphTab pipeline={pipeline} latestId={latestId} onRun={() => setStarting(true)} />
        </TabPanel>
        <TabPanel value="runs" className="flex flex-col">
          <RunsTab pipelineId={pipeline.id} onRun={() => setStarting(true)} />
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

function GraphTab({
  pipeline,
  latestId,
  onRun,
}: {
  pipeline: PipelineDetail
  latestId: string | null
  onRun: () => void
}) {
  const [address, setAddress] = useQueryStates(ADDRESS)
  const runId = address.run ?? latestId
  const run = useQuery({ ...runDetailQuery(runId ?? ""), enabled: runId !== null })
  const isOtherVersion = run.data !== undefined && run.data.versionHash !== pipeline.versionHash
  const other = useQuery({
    ...versionDetailQuery(pipeline.id, run.data?.version ?? 0),
    // A picked run is seen with the tasks it had; the latest one with those the next will have.
    enabled: isOtherVersion && address.run !== null,
  })
  const { ask, dialog } = useRunActions(run.data ?? null)
  const manifest = (address.run !== null && isOtherVersion ? other.data?.manifest : pipeline.manifest) ?? null
  const hash = (address.run !== null && isOtherVersion ? other.data?.hash : pipeline.versionHash) ?? ""
  const taskId = address.task || null
  if (run.error && address.run !== null) {
    return (
      <ErrorState
        title={`Run ${address.run} could not be read`}
        message={adviceFor(run.error)}
        onRetry={() => void setAddress({ run: null })}
      />
    )
  }
  if (!manifest)
    return other.isFetching ? <SkeletonRows label="Reading the version" /> : <NoDefinition pipeline={pipeline} />
  if (manifest.tasks.length === 0) return <EmptyState title="This pipeline has no tasks yet." />
  const select = (task: string | null) => void setAddress({ task })
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <GraphPane
        key={hash}
        manifest={manifest}
        versionHash={hash}
        run={run.data ?? null}
        mediansMs={pipeline.taskMediansMs}
        selected={taskId}
        onSelect={select}
        picker={
          <span className="flex min-w-0 items-center gap-1">
            {run.data ? <RunProgress run={run.data} /> : <NotRun isReading={runId !== null} onRun={onRun} />}
            {pipeline.recentRuns.length > 0 && (
              <RunPicker
                runs={pipeline.recentRuns}
                picked={address.run}
                onPick={(next) => void setAddress({ run: next })}
              />
            )}
          </span>
        }
      />
      {taskId !== null && (
        <TaskPanel
          key={taskId}
          manifest={manifest}
          taskId={taskId}
          run={run.data ?? null}
          mediansMs={pipeline.taskMediansMs}
          {...(run.data ? { logHref: logHref(run.data.id, taskId) } : {})}
          onAsk={ask}
          onClose={() => select(null)}
        />
      )}
      {dialog}
    </div>
  )
}

function logHref(runId: string, taskId: string) {
  return (attempt: { number: number }) =>
    `/runs/${runId}?tab=gantt&task=${encodeURIComponent(taskId)}&try=${attempt.number}`
}

function NotRun({ isReading, onRun }: { isReading: boolean; onRun: () => void }): ReactNode {
  if (isReading) return <span className="text-t3">Reading the run</span>
  return (
    <>
      <span className="text-t2">It has not run yet.</span>
      <Button size="sm" onClick={onRun}>
        Run now
      </Button>
    </>
  )
}

function RunsTab({ pipelineId, onRun }: { pipelineId: string; onRun: () => void }) {
  const runs = useInfiniteQuery(runListQuery({ pipelineId }))
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = runs
  const readMore = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const items = runs.data?.pages.flatMap((page) => page.items)
  if (!items) {
    return runs.error ? (
      <ErrorState
        title="The runs could not be read"
        message={adviceFor(runs.error)}
        onRetry={() => void runs.refetch()}
      />
    ) : (
      <SkeletonRows label="Reading runs" />
    )
  }
  if (items.length === 0) {
    return (
      <EmptyState title="It has not run yet" action={<Button onClick={onRun}>Run now</Button>}>
        Runs appear here as soon as the schedule or a person starts one.
      </EmptyState>
    )
  }
  return <RunTable runs={items} isDimmed={runs.isError} onReachEnd={readMore} isReadingMore={isFetchingNextPage} />
}

function NoDefinition({ pipeline }: { pipeline: PipelineDetail }) {
  return (
    <EmptyState title="There is no definition to show">
      {pipeline.problems[0]?.message ?? `${pipeline.id} is gone from the workspace; its runs are kept.`}
    </EmptyState>
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
