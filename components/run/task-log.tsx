"use client"
import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import { LogViewer } from "../logs/log-viewer.tsx"
import { statusOf } from "../status/status-map.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { taskRunName } from "./instance-words.ts"

/** The log of one task, with a switch between its tries. */
export function TaskLog({
  task,
  attemptNumber,
  onTry,
}: {
  task: TaskRun | null
  attemptNumber: number | null
  onTry: (number: number) => void
}) {
  const attempt = task?.attempts.find((one) => one.number === attemptNumber) ?? task?.attempts.at(-1)
  if (!task || !attempt) {
    return (
      <EmptyState
        className="border-line border-t"
        title={
          task
            ? `${taskRunName(task)} has no log${task.instances ? " of its own" : ": it did not start"}.`
            : "No task has started yet."
        }
      >
        {task?.instances
          ? "Pick one of its instances to read its log."
          : (task?.reason ?? "Logs appear here as tasks write them.")}
      </EmptyState>
    )
  }
  return (
    <LogViewer
      key={attempt.id}
      attemptId={attempt.id}
      isLive={attempt.state === "running"}
      label={`Log of ${taskRunName(task)}, try ${attempt.number}`}
      lead={
        <>
          <b className="max-w-60 truncate" title={taskRunName(task)}>
            {taskRunName(task)}
          </b>
          {task.attempts.length > 1 && (
            <Segmented
              label="Try"
              value={String(attempt.number)}
              onValueChange={(value) => onTry(Number(value))}
              options={task.attempts.slice(-6).map((one, i) => ({
                value: String(one.number),
                label: (
                  <>
                    <StateIcon name={statusOf(one.state).glyph} size={12} />
                    {i === 0 ? `Try ${one.number}` : one.number}
                  </>
                ),
              }))}
            />
          )}
        </>
      }
    />
  )
}

/** The task whose log to show when none is selected: one that runs, else the last that did. */
export function busiest(run: RunDetail): TaskRun | null {
  const started = run.taskRuns.filter((task) => task.attempts.length > 0)
  return (
    started.find((task) => task.state === "running") ??
    started.toSorted((a, b) => (a.startedAt ?? "").localeCompare(b.startedAt ?? "")).at(-1) ??
    null
  )
}
