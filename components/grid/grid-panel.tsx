"use client"
import { useQuery } from "@tanstack/react-query"
import { useMemo } from "react"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { DurationText, Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { taskHistoryQuery } from "../queries/pipeline-views.ts"
import { versionDetailQuery } from "../queries/pipelines.ts"
import { runDetailQuery } from "../queries/runs.ts"
import { logHref } from "../run/log-href.ts"
import { useRunActions } from "../run/run-actions.tsx"
import { RunPanel } from "../run/run-panel.tsx"
import { TaskFacts } from "../run/task-facts.tsx"
import { TaskPanel } from "../run/task-panel.tsx"
import { Status } from "../status/status.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { SidePanel, SidePanelSection } from "../ui/side-panel.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

interface Selection {
  run: string | null
  task: string | null
}

/** What is selected in the grid: a run (its bar), a task in a run (its cell) or a task through the runs (its name). */
export function GridPanel({
  pipeline,
  runId,
  taskId,
  onSelect,
}: {
  pipeline: PipelineDetail
  runId: string | null
  taskId: string | null
  onSelect: (selection: Partial<Selection>) => void
}) {
  const close = () => onSelect({ run: null, task: null })
  if (runId === null) {
    return taskId === null ? null : (
      <HistoryPanel pipeline={pipeline} taskId={taskId} onRun={(run) => onSelect({ run })} onClose={close} />
    )
  }
  return <OfRun pipeline={pipeline} runId={runId} taskId={taskId} onSelect={onSelect} onClose={close} />
}

function OfRun({
  pipeline,
  runId,
  taskId,
  onSelect,
  onClose,
}: {
  pipeline: PipelineDetail
  runId: string
  taskId: string | null
  onSelect: (selection: Partial<Selection>) => void
  onClose: () => void
}) {
  const run = useQuery(runDetailQuery(runId))
  const isOther = run.data !== undefined && run.data.versionHash !== pipeline.versionHash
  const other = useQuery({ ...versionDetailQuery(pipeline.id, run.data?.version ?? 0), enabled: isOther })
  const { ask, dialog } = useRunActions(run.data ?? null)
  const label = taskId === null ? `Run ${runId}` : `Task ${taskId}`
  if (!run.data) {
    return (
      <SidePanel label={label} onClose={onClose}>
        {run.error ? (
          <ErrorState
            title={`Run ${runId} could not be read`}
            message={adviceFor(run.error)}
            onRetry={() => void run.refetch()}
          />
        ) : (
          <SkeletonRows label="Reading the run" rows={8} />
        )}
      </SidePanel>
    )
  }
  const manifest: Pick<Manifest, "tasks"> = (isOther ? other.data?.manifest : pipeline.manifest) ?? NO_TASKS
  return (
    <>
      {taskId === null ? (
        <RunPanel run={run.data} onAsk={ask} onTask={(task) => onSelect({ task })} onClose={onClose} />
      ) : (
        <TaskPanel
          manifest={manifest}
          taskId={taskId}
          run={run.data}
          mediansMs={pipeline.taskMediansMs}
          logHref={(attempt) => logHref({ runId, taskId, mapIndex: null, attempt: attempt.number })}
          onAsk={ask}
          onClose={onClose}
        />
      )}
      {dialog}
    </>
  )
}

const NO_TASKS: Pick<Manifest, "tasks"> = { tasks: [] }

/** One task through the newest runs: how it went each time and how long it took. */
function HistoryPanel({
  pipeline,
  taskId,
  onRun,
  onClose,
}: {
  pipeline: PipelineDetail
  taskId: string
  onRun: (runId: string) => void
  onClose: () => void
}) {
  const history = useQuery(taskHistoryQuery(pipeline.id, taskId))
  const task = useMemo(() => pipeline.manifest?.tasks.find((one) => one.id === taskId), [pipeline.manifest, taskId])
  const usualMs = pipeline.taskMediansMs[taskId] ?? null
  return (
    <SidePanel label={`Task ${taskId}`} onClose={onClose}>
      <SidePanelSection>
        <h2 className="break-words pr-8 text-14">{taskId}</h2>
        <p className="mt-1 text-t2">
          {task ? (
            usualMs === null ? (
              "It has not succeeded yet."
            ) : (
              <>
                Usually <DurationText ms={usualMs} />
              </>
            )
          ) : (
            "No longer in the pipeline"
          )}
        </p>
        {task?.description && <p className="mt-2 text-t2">{task.description}</p>}
      </SidePanelSection>
      {task && (
        <SidePanelSection>
          <TaskFacts task={task} taskRun={null} />
        </SidePanelSection>
      )}
      <SidePanelSection title="In the newest runs">
        {history.error && !history.data ? (
          <ErrorState
            className="px-0 py-0 max-sm:px-0"
            title="Its history could not be read"
            message={adviceFor(history.error)}
            onRetry={() => void history.refetch()}
          />
        ) : !history.data ? (
          <SkeletonRows label="Reading its history" rows={6} rowHeight={24} />
        ) : history.data.length === 0 ? (
          <p className="text-t2">No run had it yet.</p>
        ) : (
          <ul>
            {history.data.map((item) => (
              <li key={item.taskRunId} className="flex min-h-6 items-center gap-2">
                <Status state={item.state} className="w-[124px] flex-none overflow-hidden" />
                <button
                  type="button"
                  className="flex-none rounded-1 hover:underline"
                  aria-label={`${taskId} in run ${item.runId}`}
                  onClick={() => onRun(item.runId)}
                >
                  Run {item.runId}
                </button>
                <Time at={item.logicalAt} style="day" className="truncate text-t3" />
                <DurationText ms={item.durationMs} className="ml-auto whitespace-nowrap" />
              </li>
            ))}
          </ul>
        )}
      </SidePanelSection>
      {!task && (
        <SidePanelSection>
          <Link className="link" href={`/pipelines/${encodeURIComponent(pipeline.id)}?tab=code`}>
            See what changed in the code
          </Link>
        </SidePanelSection>
      )}
    </SidePanel>
  )
}
