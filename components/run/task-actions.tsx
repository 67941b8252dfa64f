"use client"
import type { TaskRun } from "#lib/contracts/api/runs.ts"
import { isFinalTaskRunState } from "#lib/domain/task-run-state.ts"
import { STATUS } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { Icon, StateIcon } from "../ui/icon.tsx"
import { Menu, MenuItem } from "../ui/menu.tsx"
import { taskRunName } from "./instance-words.ts"
import type { RunAction } from "./run-action.ts"

/** What may be done with the selected task of a run: decide its outcome by hand, or run again from it. */
export function TaskActions({ task, onAsk }: { task: TaskRun | null; onAsk: (action: RunAction) => void }) {
  return (
    <>
      <MarkMenu task={task} onAsk={onAsk} />
      {task?.instances && task.instances.failed > 0 && <RetryInstances task={task} onAsk={onAsk} />}
      <ClearButton task={task} onAsk={onAsk} />
    </>
  )
}

function MarkMenu({ task, onAsk }: { task: TaskRun | null; onAsk: (action: RunAction) => void }) {
  const name = task && taskRunName(task)
  const why = !task ? "Select a task first" : task.state === "running" ? "Cancel the run first: it is running" : null
  return (
    <Menu
      trigger={
        <Button disabled={why !== null} title={why ?? `Decide the outcome of ${name} by hand`}>
          Mark as
          <Icon name="chev" className="-mr-1" />
        </Button>
      }
    >
      {task &&
        (["success", "failed", "skipped"] as const).map((state) => (
          <MenuItem
            key={state}
            isDisabled={task.state === state}
            effect={EFFECT[state]}
            onSelect={() => onAsk(markAction(task, state))}
          >
            <span className="flex items-center gap-2">
              <StateIcon name={STATUS[state].glyph} />
              {STATUS[state].label}
            </span>
          </MenuItem>
        ))}
    </Menu>
  )
}

function markAction(task: TaskRun, state: "success" | "failed" | "skipped"): RunAction {
  const isInstance = task.mapIndex >= 0
  return { kind: "mark", taskRunId: task.id, taskId: isInstance ? taskRunName(task) : task.taskId, state, isInstance }
}

const EFFECT = {
  success: "What waits for it goes on",
  failed: "What waits for it does not run",
  skipped: "What waits for it follows its trigger rule",
} as const

function RetryInstances({ task, onAsk }: { task: TaskRun; onAsk: (action: RunAction) => void }) {
  const some = { onlyFailed: true, name: `the failed instances of ${task.taskId}` }
  return (
    <Button
      title="Run its failed instances again and leave the others as they are"
      onClick={() => onAsk({ kind: "clear", taskIds: [task.taskId], some })}
    >
      Retry failed instances
    </Button>
  )
}

function ClearButton({ task, onAsk }: { task: TaskRun | null; onAsk: (action: RunAction) => void }) {
  const isFinal = task !== null && isFinalTaskRunState(task.state)
  const why = !task ? "Select a task first" : isFinal ? null : "A task can run again once it is done"
  return (
    <Button
      disabled={why !== null}
      title={why ?? `Run ${task && taskRunName(task)} again, with or without what follows`}
      onClick={() => task && onAsk(clearAction(task))}
    >
      Clear from here
    </Button>
  )
}

function clearAction(task: TaskRun): RunAction {
  const taskIds = [task.taskId]
  if (task.mapIndex < 0) return { kind: "clear", taskIds }
  const some = { mapIndexes: [task.mapIndex], name: `${taskRunName(task)} of ${task.taskId}` }
  return { kind: "clear", taskIds, some }
}
