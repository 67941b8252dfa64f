"use client"
import { useMemo } from "react"
import type { Attempt, RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { invert, reachable } from "#lib/domain/dag.ts"
import { formatDuration } from "../format/duration.ts"
import { useNow } from "../format/now.ts"
import { DurationText, ElapsedText, Time } from "../format/time.tsx"
import { StatusBadge } from "../status/status.tsx"
import { statusOf } from "../status/status-map.ts"
import { Button, ButtonLink } from "../ui/button.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { SidePanel, SidePanelSection } from "../ui/side-panel.tsx"
import { WaitSection } from "../waits/wait-section.tsx"
import { InstanceList } from "./instance-list.tsx"
import { taskRunName } from "./instance-words.ts"
import { listOf, type RunAction } from "./run-action.ts"
import { countOf, failureMessage } from "./run-words.ts"
import { TaskActions } from "./task-actions.tsx"
import { TaskFacts } from "./task-facts.tsx"

/**
 * The selected task: its state, why, what can be done, its tries, what it blocks, and its facts. Without a run only what
 * the definition says. `logHref` leads to its log; left out where the log is on the page already.
 */
export function TaskPanel({
  manifest,
  taskId,
  run,
  mediansMs,
  instance = null,
  onInstance,
  logHref,
  isQuiet = false,
  onAsk,
  onClose,
  className,
}: {
  manifest: Pick<Manifest, "tasks">
  taskId: string
  run: RunDetail | null
  mediansMs: Readonly<Record<string, number>>
  /** The instance picked of a mapped task, and how another one, or none, is picked. */
  instance?: TaskRun | null
  onInstance?: (mapIndex: number | null) => void
  logHref?: (attempt: Attempt) => string
  /** True where the page has the actions and the primary button already. */
  isQuiet?: boolean
  onAsk: (action: RunAction) => void
  onClose: () => void
  className?: string
}) {
  const task = manifest.tasks.find((one) => one.id === taskId)
  const whole = run?.taskRuns.find((one) => one.taskId === taskId) ?? null
  const taskRun = instance ?? whole
  if (!task && !taskRun) return null
  const usualMs = instance ? null : (mediansMs[taskId] ?? null)
  return (
    <SidePanel label={`Task ${taskId}`} onClose={onClose} className={className ?? ""}>
      <SidePanelSection>
        {instance && onInstance && (
          <Button variant="ghost" className="-ml-2 mb-1" onClick={() => onInstance(null)}>
            All instances of {taskId}
          </Button>
        )}
        <h2 className="break-words pr-8 text-14">{instance ? taskRunName(instance) : taskId}</h2>
        <div className="mt-1 flex flex-wrap items-center gap-2">
          {taskRun ? <StatusBadge state={taskRun.state} /> : <span className="text-t2">Not run yet</span>}
          <span className="text-t2">
            <StateWords taskRun={taskRun} usualMs={usualMs} />
          </span>
        </div>
        {task?.description && <p className="mt-2 text-t2">{task.description}</p>}
      </SidePanelSection>
      {taskRun && <WaitSection taskRun={taskRun} />}
      {taskRun && <Why taskRun={taskRun} logHref={logHref} isQuiet={isQuiet} onAsk={onAsk} />}
      {run && whole?.instances && !instance && onInstance && (
        <SidePanelSection title="Instances">
          <InstanceList runId={run.id} taskId={taskId} counts={whole.instances} onPick={onInstance} />
        </SidePanelSection>
      )}
      {taskRun && (taskRun.attempts.length > 0 || taskRun.state === "up_for_retry") && (
        <SidePanelSection title="Tries">
          <Tries taskRun={taskRun} usualMs={usualMs} logHref={logHref} />
        </SidePanelSection>
      )}
      {task && <Blocks manifest={manifest} taskId={taskId} taskRun={taskRun} />}
      <SidePanelSection>{task ? <TaskFacts task={task} taskRun={taskRun} /> : null}</SidePanelSection>
    </SidePanel>
  )
}

function StateWords({ taskRun, usualMs }: { taskRun: TaskRun | null; usualMs: number | null }) {
  const now = useNow(1_000)
  const usual = usualMs === null ? "" : `usually ${formatDuration(usualMs)}`
  if (!taskRun) return usual
  if (taskRun.state === "up_for_retry" && taskRun.nextAttemptAt && now > 0) {
    const left = Date.parse(taskRun.nextAttemptAt) - now
    return (
      <>
        Try {taskRun.attemptCount + 1} of {taskRun.maxAttempts}{" "}
        {left > 0 ? (
          <>
            in <b className="text-t1">{formatDuration(Math.ceil(left / 1_000) * 1_000)}</b>
          </>
        ) : (
          "any moment"
        )}
      </>
    )
  }
  if (taskRun.state === "running" || taskRun.state === "mapped") {
    return (
      <>
        <ElapsedText since={taskRun.startedAt} until={null} />
        {usual && `, ${usual}`}
      </>
    )
  }
  if (taskRun.durationMs !== null) {
    return (
      <>
        <DurationText ms={taskRun.durationMs} />
        {usual && `, ${usual}`}
      </>
    )
  }
  return usual
}

function Why({
  taskRun,
  logHref,
  isQuiet,
  onAsk,
}: {
  taskRun: TaskRun
  logHref: ((attempt: Attempt) => string) | undefined
  isQuiet: boolean
  onAsk: (action: RunAction) => void
}) {
  const failed = taskRun.attempts.findLast((attempt) => attempt.failure)
  const isTrouble = taskRun.state === "failed" || taskRun.state === "up_for_retry"
  const failure = isTrouble ? (failed?.failure ?? null) : null
  const isSaid = taskRun.state === "deferred" && taskRun.wait !== null
  const reason = failure || isSaid ? null : taskRun.state === "failed" ? failureMessage(taskRun) : taskRun.reason
  const last = taskRun.attempts.at(-1)
  const hasLog = logHref !== undefined && last !== undefined
  if (!failure && !reason && !hasLog && isQuiet) return null
  return (
    <SidePanelSection {...(failure ? { title: "Why it failed" } : {})}>
      {failure && (
        <>
          <pre
            data-s="failed"
            className="max-h-56 overflow-auto whitespace-pre-wrap break-words rounded-2 bg-cb px-2.5 py-2 leading-[18px] text-ct"
          >
            {failure.message}
            {failure.where && `\n${failure.where}`}
          </pre>
          <p className="mt-2 text-t2">
            {failure.retry === "never" ? "A retry alone is not likely to help." : "A retry may help."}
          </p>
        </>
      )}
      {reason && (
        <p className="text-t2">
          {reason}{" "}
          {taskRun.blockedBy && (
            <Link className="link" href={`/runs/${taskRun.blockedBy.runId}`}>
              Open run {taskRun.blockedBy.runId}
            </Link>
          )}
        </p>
      )}
      {(hasLog || !isQuiet) && (
        <div className={failure || reason ? "mt-3 flex flex-wrap gap-2" : "flex flex-wrap gap-2"}>
          {hasLog && (
            <ButtonLink variant={failure && !isQuiet ? "primary" : "default"}>
              <Link href={logHref(last)}>{failure ? "Log at the error" : "Log"}</Link>
            </ButtonLink>
          )}
          {!isQuiet && <TaskActions task={taskRun} onAsk={onAsk} />}
        </div>
      )}
    </SidePanelSection>
  )
}

function Tries({
  taskRun,
  usualMs,
  logHref,
}: {
  taskRun: TaskRun
  usualMs: number | null
  logHref: ((attempt: Attempt) => string) | undefined
}) {
  const next = taskRun.state === "up_for_retry" ? taskRun.attemptCount + 1 : null
  return (
    <ul>
      {taskRun.attempts.map((attempt) => (
        <li key={attempt.id} className="flex h-6 items-center gap-2" title={attempt.failure?.message}>
          <StateIcon name={statusOf(attempt.state).glyph} />
          <span className="sr-only">{statusOf(attempt.state).label}</span>
          {logHref ? (
            <Link href={logHref(attempt)} className="flex-none hover:underline">
              Try {attempt.number}
            </Link>
          ) : (
            <span className="flex-none">Try {attempt.number}</span>
          )}
          <Time at={attempt.startedAt} style="seconds" className="text-t3" />
          {attempt.workerId && <span className="truncate text-t3">{attempt.workerId}</span>}
          <span className="ml-auto whitespace-nowrap">
            <ElapsedText since={attempt.startedAt} until={attempt.finishedAt} />
          </span>
        </li>
      ))}
      {next !== null && (
        <li className="flex h-6 items-center gap-2">
          <StateIcon name="up_for_retry" />
          <span>Try {next}</span>
          <span className="text-t3">
            at <Time at={taskRun.nextAttemptAt} style="seconds" />
          </span>
          {usualMs !== null && <span className="ml-auto text-t3">usually {formatDuration(usualMs)}</span>}
        </li>
      )}
    </ul>
  )
}

/** What cannot go on because of this task, or waits for it. */
function Blocks({
  manifest,
  taskId,
  taskRun,
}: {
  manifest: Pick<Manifest, "tasks">
  taskId: string
  taskRun: TaskRun | null
}) {
  const below = useMemo(() => {
    const downstream = invert(new Map(manifest.tasks.map((task) => [task.id, task.upstream])))
    const reached = reachable(downstream, [taskId])
    return manifest.tasks.map((task) => task.id).filter((id) => id !== taskId && reached.has(id))
  }, [manifest.tasks, taskId])
  if (below.length === 0) return null
  const isBlocking = taskRun !== null && !["success", "skipped"].includes(taskRun.state)
  return (
    <SidePanelSection
      title={isBlocking ? `Blocks ${countOf(below.length, "task")}` : `${countOf(below.length, "task")} after it`}
    >
      <p className="break-words text-t2">{listOf(below)}.</p>
    </SidePanelSection>
  )
}
