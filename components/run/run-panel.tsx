"use client"
import type { ReactNode } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { inDrawingOrder } from "../dag/roll-up.ts"
import { formatDuration } from "../format/duration.ts"
import { ElapsedText, Time } from "../format/time.tsx"
import { Status, StatusBadge } from "../status/status.tsx"
import { Button, ButtonLink } from "../ui/button.tsx"
import { Facts } from "../ui/card.tsx"
import { Link } from "../ui/link.tsx"
import { SidePanel, SidePanelSection } from "../ui/side-panel.tsx"
import { hasRetryable, type RunAction } from "./run-action.ts"
import { failureMessage, runWords } from "./run-words.ts"

/** A selected run: how it is, why, its tasks by state, and what can be done. */
export function RunPanel({
  run,
  onAsk,
  onTask,
  onClose,
}: {
  run: RunDetail
  onAsk: (action: RunAction) => void
  onTask: (taskId: string) => void
  onClose: () => void
}) {
  const words = runWords(run)
  const failed = run.taskRuns.filter((task) => task.state === "failed")
  const usual = run.medianDurationMs === null ? "" : `, usually ${formatDuration(run.medianDurationMs)}`
  const facts: [string, ReactNode][] = [
    ["Logical time", <Time key="logical" at={run.logicalAt} />],
    ...(run.partitionKey === null ? [] : [["Partition", run.partitionKey] as [string, ReactNode]]),
    ["Started", <Time key="started" at={run.startedAt} style="full" />],
    ["Started by", run.triggerReason ? `${run.triggeredBy}, ${run.triggerReason}` : run.triggeredBy],
    [
      "Version",
      <Link
        key="version"
        className="hover:underline"
        href={`/pipelines/${encodeURIComponent(run.pipelineId)}?tab=code&version=${run.version}`}
      >
        v{run.version}
      </Link>,
    ],
  ]
  return (
    <SidePanel label={`Run ${run.id}`} onClose={onClose}>
      <SidePanelSection>
        <h2 className="break-words pr-8 text-14">{words.title}</h2>
        <div className="mt-1 flex flex-wrap items-center gap-2">
          <StatusBadge state={run.state} />
          <span className="text-t2">
            {run.startedAt && <ElapsedText since={run.startedAt} until={run.finishedAt} />}
            {run.startedAt && usual}
          </span>
        </div>
        {words.consequence && <p className="mt-2 text-t2">{words.consequence}</p>}
        <div className="mt-3 flex flex-wrap gap-2">
          <ButtonLink variant="primary">
            <Link href={`/runs/${run.id}`}>Open the run</Link>
          </ButtonLink>
          {hasRetryable(run) && <Button onClick={() => onAsk({ kind: "retry" })}>Retry failed</Button>}
          {!isFinalRunState(run.state) && (
            <Button icon="stop" onClick={() => onAsk({ kind: "cancel" })}>
              Cancel
            </Button>
          )}
        </div>
      </SidePanelSection>
      {failed.length > 0 && (
        <SidePanelSection title={failed.length === 1 ? "The failed task" : `${failed.length} failed tasks`}>
          <ul className="flex flex-col gap-2">
            {failed.slice(0, 20).map((task) => (
              <li key={task.id}>
                <button
                  type="button"
                  className="min-h-6 max-w-full truncate rounded-1 font-med hover:underline"
                  onClick={() => onTask(task.taskId)}
                >
                  {task.taskId}
                </button>
                <p className="line-clamp-3 break-words text-failed-t">{failureMessage(task)}</p>
              </li>
            ))}
          </ul>
        </SidePanelSection>
      )}
      <SidePanelSection title={`${run.tasksTotal} ${run.tasksTotal === 1 ? "task" : "tasks"}`}>
        <ul>
          {inDrawingOrder(run.tasks).map(([state, count]) => (
            <li key={state} className="flex h-6 items-center">
              <Status state={state} />
              <span className="ml-auto">{count}</span>
            </li>
          ))}
        </ul>
      </SidePanelSection>
      <SidePanelSection>
        <Facts items={facts} />
      </SidePanelSection>
    </SidePanel>
  )
}
