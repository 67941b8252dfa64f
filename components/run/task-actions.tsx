"use client"
import type { TaskRun } from "#lib/contracts/api/runs.ts"
import { isFinalTaskRunState } from "#lib/domain/task-run-state.ts"
import { STATUS } from "../status/status-map.ts"
import { Button } from "../ui/button.tsx"
import { Icon, StateIcon } from "../ui/icon.tsx"
import { Menu, MenuItem } from "../ui/menu.tsx"
import type { RunAction } from "./run-action.ts"

/** What may be done with the selected task of a run: decide its outcome by hand, or run again from it. */
export function TaskActions({ task, onAsk }: { task: TaskRun | null; onAsk: (action: RunAction) => void }) {
  return (
    <>
      <MarkMenu task={task} onAsk={onAsk} />
      <ClearButton task={task} onAsk={onAsk} />
    </>
  )
}

function MarkMenu({ task, onAsk }: { task: TaskRun | null; onAsk: (action: RunAction) => void }) {
  const why = !task ? "Select a task first" : task.state === "running" ? "Cancel the run first: it is running" : null
  return (
    <Menu
      trigger={
        <Button disabled={why !== null} title={why ?? `Decide the outcome of ${task?.taskId} by hand`}>
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
            onSelect={() => onAsk({ kind: "mark", taskRunId: task.id, taskId: task.taskId, state })}
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

const EFFECT = {
  success: "What waits for it goes on",
  failed: "What waits for it does not run",
  skipped: "What waits for it follows its trigger rule",
} as const

function ClearButton({ task, onAsk }: { task: TaskRun | null; onAsk: (action: RunAction) => void }) {
  const isFinal = task !== null && isFinalTaskRunState(task.state)
  const why = !task ? "Select a task first" : isFinal ? null : "A task can run again once it is done"
  return (
    <Button
      disabled={why !== null}
      title={why ?? `Run ${task?.taskId} again, with or without what follows`}
      onClick={() => task && onAsk({ kind: "clear", taskIds: [task.taskId] })}
    >
      Clear from here
    </Button>
  )
}
