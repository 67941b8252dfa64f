"use client"
import { useQuery } from "@tanstack/react-query"
import type { ReactNode } from "react"
import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import { isFinalTaskRunState } from "#lib/domain/task-run-state.ts"
import { RunDeadlines } from "../deadlines/deadline-notes.tsx"
import { CountText } from "../format/count-text.tsx"
import { formatDuration } from "../format/duration.ts"
import { ElapsedText, Time } from "../format/time.tsx"
import { useZone } from "../format/zone.ts"
import { StatusBadge } from "../status/status.tsx"
import { Mark } from "../ui/badge.tsx"
import { Button } from "../ui/button.tsx"
import { MetaRow } from "../ui/card.tsx"
import { Icon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { Menu, MenuItem } from "../ui/menu.tsx"
import { Lead, PageHeader } from "../ui/page-header.tsx"
import { intervalWords } from "./interval-words.ts"
import { hasRetryable, type RunAction } from "./run-action.ts"
import { runEffectQuery } from "./run-effect.ts"
import { RunIncidents } from "./run-incidents.tsx"
import { failedTask, runWords } from "./run-words.ts"
import { TaskActions } from "./task-actions.tsx"

/** What happened, in a sentence; the facts; and what can be done, each with its effect said before it is done. */
export function RunHeader({
  run,
  selected,
  onAsk,
  onShowError,
}: {
  run: RunDetail
  selected: TaskRun | null
  onAsk: (action: RunAction) => void
  onShowError: () => void
}) {
  const words = runWords(run)
  const failed = failedTask(run)
  const failure = failed?.attempts.findLast((attempt) => attempt.failure)?.failure ?? null
  const canRetry = hasRetryable(run)
  // The primary button is the right next step: a retry only where it can help.
  const isRetryPromising = failure?.retry !== "never"
  const isOver = run.state === "success" || run.state === "failed" || run.state === "cancelled"
  return (
    <PageHeader
      title={words.title}
      beside={<StatusBadge state={run.state} />}
      actions={
        <>
          {!isOver && (
            <Button
              icon="stop"
              disabled={run.state === "cancelling"}
              title={run.state === "cancelling" ? "It is being cancelled already" : undefined}
              onClick={() => onAsk({ kind: "cancel" })}
            >
              Cancel
            </Button>
          )}
          <TaskActions task={selected} onAsk={onAsk} />
          <WholeRunMenu run={run} isOver={isOver} onAsk={onAsk} />
          {canRetry && (
            <Button
              icon="retry"
              hint="R"
              variant={isRetryPromising ? "primary" : "default"}
              onClick={() => onAsk({ kind: "retry" })}
            >
              Retry failed
            </Button>
          )}
          {failure && !isRetryPromising && (
            <Button variant="primary" icon="terminal" hint="L" onClick={onShowError}>
              Log at the error
            </Button>
          )}
        </>
      }
    >
      {words.lead && (
        <Lead>
          {words.lead} {words.consequence}
        </Lead>
      )}
      {!words.lead && words.consequence && <Lead>{words.consequence}</Lead>}
      {run.state === "failed" && <RunIncidents runId={run.id} />}
      <RunDeadlines runId={run.id} isOver={isOver} />
      <RunFacts run={run} />
      {canRetry && isOver && <RetryPreview run={run} isPromising={isRetryPromising} />}
    </PageHeader>
  )
}

function WholeRunMenu({ run, isOver, onAsk }: { run: RunDetail; isOver: boolean; onAsk: (action: RunAction) => void }) {
  const isBusy = run.state === "cancelling" || run.taskRuns.some((task) => task.state === "running")
  return (
    <Menu
      trigger={
        <Button title="What may be done to the whole run">
          Run
          <Icon name="chev" className="-mr-1" />
        </Button>
      }
    >
      <MenuItem
        isDisabled={isBusy || run.state === "success"}
        effect={isBusy ? "Cancel it first: tasks are running" : "All that did not end well counts as done"}
        onSelect={() => onAsk({ kind: "mark_run", state: "success" })}
      >
        Mark the run as success
      </MenuItem>
      <MenuItem
        isDisabled={isBusy || isOver}
        effect={isOver ? "It has ended" : "What has not ended counts as failed"}
        onSelect={() => onAsk({ kind: "mark_run", state: "failed" })}
      >
        Mark the run as failed
      </MenuItem>
      <MenuItem
        isDisabled={!isOver}
        effect={isOver ? `It keeps v${run.version} until then; what is done stays done` : "Once it has ended"}
        onSelect={() => onAsk({ kind: "repin" })}
      >
        Move to the newest version
      </MenuItem>
    </Menu>
  )
}

function RunFacts({ run }: { run: RunDetail }) {
  const zone = useZone()
  const usual = run.medianDurationMs === null ? "" : `, median ${formatDuration(run.medianDurationMs)}`
  return (
    <MetaRow
      items={[
        [
          "Pipeline",
          <Link key="pipeline" className="link" href={`/pipelines/${encodeURIComponent(run.pipelineId)}`}>
            {run.pipelineId}
          </Link>,
        ],
        [
          "Data interval",
          <span key="interval" title={`${run.intervalStart} to ${run.intervalEnd}, end excluded`}>
            {intervalWords(run.intervalStart, run.intervalEnd, zone)}
          </span>,
        ],
        ["Trigger", <Trigger key="trigger" run={run} />],
        [
          "Version",
          <span key="version" className="flex items-center gap-1.5">
            <Link
              className="link"
              href={`/pipelines/${encodeURIComponent(run.pipelineId)}?tab=code&version=${run.version}`}
            >
              v{run.version}
            </Link>
            <code title={run.versionHash}>{run.versionHash.slice(0, 7)}</code>
          </span>,
        ],
        [
          "Duration",
          <span key="duration">
            {run.startedAt ? <ElapsedText since={run.startedAt} until={run.finishedAt} /> : "not started"}
            {usual}
          </span>,
        ],
        ["Rows out", <CountText key="rows" value={run.rowsWritten} />],
        ...paramFacts(run),
      ]}
    />
  )
}

function Trigger({ run }: { run: RunDetail }) {
  const at = <Time at={run.createdAt} style="short" />
  switch (run.kind) {
    case "schedule":
      return <span title={run.triggerReason ?? undefined}>Schedule, {at}</span>
    case "backfill":
      return run.backfillId === null ? (
        <span>Backfill, {at}</span>
      ) : (
        <Link className="link" href={`/backfills/${run.backfillId}`}>
          Backfill {run.backfillId}
        </Link>
      )
    default:
      if (run.calledBy) {
        const { runId, pipelineId, taskId } = run.calledBy
        return (
          <span>
            <Link className="link" href={`/runs/${runId}?task=${encodeURIComponent(taskId)}`}>
              {taskId} of run {runId}
            </Link>{" "}
            of {pipelineId}, {at}
          </span>
        )
      }
      return (
        <span title={run.triggerReason ?? undefined}>
          {run.kind === "manual" ? "By hand" : KIND_WORD[run.kind]}, {run.triggeredBy}, {at}
        </span>
      )
  }
}
const KIND_WORD = { dataset: "Dataset", event: "Event" } as const

function paramFacts(run: RunDetail): [string, ReactNode][] {
  const params = JSON.stringify(run.params)
  const facts: [string, ReactNode][] = []
  if (params !== "{}") {
    facts.push([
      "Params",
      <code key="params" title={params} className="max-w-80 truncate">
        {params}
      </code>,
    ])
  }
  if (run.note) facts.push(["Note", run.note])
  return facts
}

/** What the button would do, said before it is pressed; worked out by the code that would do it. */
function RetryPreview({ run, isPromising }: { run: RunDetail; isPromising: boolean }) {
  // Events tell of a retry task by task, while the run still counts as over: there is nothing left to preview then.
  const isSettled = run.taskRuns.every((task) => isFinalTaskRunState(task.state))
  const { data } = useQuery({
    ...runEffectQuery(run, { kind: "retry" }, { includeDownstream: true, version: "pinned" }),
    enabled: isSettled,
  })
  return (
    <div className="mt-3 flex min-h-[37px] flex-wrap items-center gap-x-4 gap-y-1 rounded-2 border border-line border-l-[3px] border-l-accent bg-canvas px-3 py-2 text-t2">
      <span>
        <b className="mr-1 text-t1">Retry failed</b> {data?.text}
      </span>
      {!isPromising && (
        <Mark glyph="up_for_retry" className="ml-auto whitespace-normal">
          Will fail again until its cause is mended
        </Mark>
      )}
    </div>
  )
}
