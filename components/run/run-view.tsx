"use client"
import { useInfiniteQuery, useQuery } from "@tanstack/react-query"
import { parseAsInteger, parseAsString, parseAsStringLiteral, useQueryStates } from "nuqs"
import { useEffect, useMemo, useRef } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { GraphPane } from "../dag/graph-pane.tsx"
import { adviceFor, isNotFound } from "../queries/client.ts"
import { instanceListQuery, instanceQuery } from "../queries/instances.ts"
import { versionDetailQuery } from "../queries/pipelines.ts"
import { runDetailQuery } from "../queries/runs.ts"
import { ButtonLink } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Tab, TabList, TabPanel, Tabs } from "../ui/tabs.tsx"
import { runChecksQuery } from "./check-results-query.ts"
import { Gantt } from "./gantt.tsx"
import { LoadsTable } from "./loads-table.tsx"
import { OutputTable, outputCount } from "./output-table.tsx"
import { hasRetryable } from "./run-action.ts"
import { useRunActions } from "./run-actions.tsx"
import { RunChangesTab } from "./run-changes-tab.tsx"
import { RunChecks } from "./run-checks.tsx"
import { RunHeader } from "./run-header.tsx"
import { failedTask } from "./run-words.ts"
import { busiest, TaskLog } from "./task-log.tsx"
import { TaskPanel } from "./task-panel.tsx"
import { TaskTable } from "./task-table.tsx"

const TABS = ["graph", "gantt", "tasks", "outputs", "rows", "quality", "changes"] as const
type TabName = (typeof TABS)[number]

/**
 * One run: what happened, and what to do. Tab, selected task, try and log position are in the address. `initial` is the
 * run as the server read it for the first view.
 */
export function RunView({ id, initial }: { id: string; initial: RunDetail | null }) {
  // Updated at 0: shown at once and read again, as it may have changed before the live stream was open.
  const run = useQuery({ ...runDetailQuery(id), ...(initial && { initialData: initial, initialDataUpdatedAt: 0 }) })
  if (run.data) return <Loaded run={run.data} />
  return (
    <>
      <PageHeader title={`Run ${id}`} />
      {!run.error ? (
        <SkeletonRows label="Reading the run" rows={14} />
      ) : isNotFound(run.error) ? (
        <EmptyState
          title="There is no such run"
          action={
            <ButtonLink>
              <Link href="/runs">All runs</Link>
            </ButtonLink>
          }
        >
          Run {id} never was, or its records were removed after their time.
        </EmptyState>
      ) : (
        <ErrorState
          title="The run could not be read"
          message={adviceFor(run.error)}
          onRetry={() => void run.refetch()}
        />
      )}
    </>
  )
}

function Loaded({ run }: { run: RunDetail }) {
  const [address, setAddress] = useQueryStates({
    tab: parseAsStringLiteral(TABS),
    task: parseAsString,
    index: parseAsInteger,
    try: parseAsInteger,
    line: parseAsInteger,
  })
  const failed = failedTask(run)
  // Fixed when the page opens: a run that fails while one looks at its graph must not throw them into its log.
  const firstTab = useRef<TabName>(run.state === "failed" && failed ? "gantt" : "graph")
  const tab = address.tab ?? firstTab.current
  // An empty name in the address says that the panel was closed.
  const taskId = address.task ?? failed?.taskId ?? null
  const selected = run.taskRuns.find((task) => task.taskId === taskId) ?? null
  const version = useQuery(versionDetailQuery(run.pipelineId, run.version))
  const manifest = version.data?.manifest ?? null
  const checks = useQuery(runChecksQuery(run.id))
  const failing = checks.data?.filter((check) => !check.passed).length ?? 0
  const { ask, dialog } = useRunActions(run)
  const upstream = useMemo(() => new Map(manifest?.tasks.map((task) => [task.id, task.upstream])), [manifest])

  const isMapped = selected?.instances != null
  const index = isMapped ? address.index : null
  const picked = useQuery({ ...instanceQuery(run.id, taskId ?? "", index ?? 0), enabled: index !== null })
  const instance = index === null ? null : (picked.data ?? null)
  // A mapped task unfolds in the Gantt while it is selected: its first hundred instances, or those that failed.
  const unfolded = useInfiniteQuery({
    ...instanceListQuery(run.id, taskId ?? "", (selected?.instances?.failed ?? 0) > 0 ? "failed" : "all"),
    enabled: isMapped && tab === "gantt",
  })
  const ganttRun = useMemo(() => {
    const shown = isMapped && tab === "gantt" ? (unfolded.data?.pages[0]?.items ?? []) : []
    return shown.length === 0 ? run : { ...run, taskRuns: [...run.taskRuns, ...shown] }
  }, [run, isMapped, tab, unfolded.data])

  const select = (next: string | null, mapIndex: number | null = null) =>
    void setAddress({ task: next ?? "", index: mapIndex, try: null, line: null })
  const pick = (mapIndex: number | null) => void setAddress({ index: mapIndex, try: null, line: null })
  const showError = () =>
    void setAddress({ tab: "gantt", task: failed?.taskId ?? null, index: null, try: null, line: null })
  useRunKeys({
    retry: () => (hasRetryable(run) ? ask({ kind: "retry" }) : undefined),
    log: () => void setAddress({ tab: "gantt" }),
  })

  const hasPanel = selected !== null && (tab === "graph" || tab === "gantt" || tab === "tasks")
  return (
    <>
      <RunHeader run={run} selected={instance ?? selected} onAsk={ask} onShowError={showError} />
      <Tabs className="min-h-[480px]" value={tab} onValueChange={(value) => void setAddress({ tab: value as TabName })}>
        <TabList label="Parts of the run">
          <Tab value="graph">Graph</Tab>
          <Tab value="gantt">Gantt and log</Tab>
          <Tab value="tasks" count={run.taskRuns.length}>
            Tasks
          </Tab>
          <Tab value="outputs" count={outputCount(run)}>
            Outputs
          </Tab>
          <Tab value="rows" count={run.materializations.length}>
            Rows
          </Tab>
          <Tab value="quality" count={failing > 0 ? `${failing} failed` : checks.data?.length} isHot={failing > 0}>
            Quality
          </Tab>
          {hasFailed(run) && <Tab value="changes">What changed</Tab>}
        </TabList>
        <div className="flex min-h-0 flex-1">
          <div className="flex min-h-0 min-w-0 flex-1 flex-col">
            <TabPanel value="graph" className="flex flex-col">
              {manifest ? (
                <GraphPane
                  manifest={manifest}
                  versionHash={run.versionHash}
                  run={run}
                  mediansMs={run.taskMediansMs}
                  selected={selected?.taskId ?? null}
                  onSelect={select}
                />
              ) : (
                <VersionState version={version} />
              )}
            </TabPanel>
            <TabPanel value="gantt" className="flex flex-col">
              <div className="flex max-h-[52%] min-h-0 flex-none flex-col">
                <Gantt
                  run={ganttRun}
                  upstream={upstream}
                  selected={selected?.taskId ?? null}
                  selectedIndex={index}
                  onSelect={select}
                />
              </div>
              <TaskLog
                task={instance ?? selected ?? busiest(run)}
                attemptNumber={address.try}
                onTry={(number) => void setAddress({ try: number, line: null })}
              />
            </TabPanel>
            <TabPanel value="tasks" className="flex flex-col">
              <TaskTable
                run={run}
                isNarrow={hasPanel}
                selected={selected?.taskId ?? null}
                selectedIndex={index}
                onSelect={select}
              />
            </TabPanel>
            <TabPanel value="outputs" className="flex flex-col">
              <OutputTable run={run} />
            </TabPanel>
            <TabPanel value="rows" className="flex flex-col">
              <LoadsTable run={run} />
            </TabPanel>
            <TabPanel value="quality" className="flex flex-col">
              <RunChecks runId={run.id} />
            </TabPanel>
            <TabPanel value="changes" className="overflow-auto">
              <RunChangesTab runId={run.id} />
            </TabPanel>
          </div>
          {hasPanel && (
            <TaskPanel
              key={selected.taskId}
              manifest={manifest ?? NO_TASKS}
              taskId={selected.taskId}
              run={run}
              mediansMs={run.taskMediansMs}
              instance={instance}
              onInstance={pick}
              {...(tab === "gantt"
                ? {}
                : {
                    logHref: (attempt) =>
                      `?tab=gantt&task=${encodeURIComponent(selected.taskId)}${index === null ? "" : `&index=${index}`}&try=${attempt.number}`,
                  })}
              isQuiet
              onAsk={ask}
              onClose={() => select(null)}
              // On a narrow screen it lies over the page: there only what a person chose opens it.
              className={address.task === null ? "max-lg:hidden" : ""}
            />
          )}
        </div>
      </Tabs>
      {dialog}
    </>
  )
}

const NO_TASKS: Pick<Manifest, "tasks"> = { tasks: [] }

/** Also of a run that was retried to success. */
function hasFailed({ state, taskRuns }: RunDetail): boolean {
  return (
    state === "failed" ||
    (state === "success" && taskRuns.some(({ attempts }) => attempts.some(({ failure }) => failure !== null)))
  )
}

function VersionState({ version }: { version: { error: unknown; refetch: () => unknown } }) {
  return version.error ? (
    <ErrorState
      title="The definition of this version could not be read"
      message={adviceFor(version.error)}
      onRetry={() => void version.refetch()}
    />
  ) : (
    <SkeletonRows label="Reading the definition" rows={6} />
  )
}

function useRunKeys(actions: { retry: () => void; log: () => void }) {
  const latest = useRef(actions)
  // Outside React: the keys call what is current when they are pressed.
  useEffect(() => {
    latest.current = actions
  })
  useKeys(
    useMemo<Shortcut[]>(
      () => [
        { keys: "r", label: "Retry failed", run: () => latest.current.retry() },
        { keys: "l", label: "Log", run: () => latest.current.log() },
      ],
      [],
    ),
  )
}
