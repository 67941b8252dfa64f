"use client"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { type ReactNode, useCallback, useState } from "react"
import type { RunDetail } from "#lib/contracts/api/runs.ts"
import { adviceFor } from "../queries/client.ts"
import { useCancelRun, useClearRun, useMarkRun, useMarkTaskRun, useRepinRun, useRetryRun } from "../queries/runs.ts"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { Skeleton } from "../ui/skeleton.tsx"
import { type ActionOptions, actionWords, clearBody, listOf, type RunAction } from "./run-action.ts"
import { runEffectQuery } from "./run-effect.ts"

/** `ask` opens the question for an action; put `dialog` on the page. */
export interface RunActions {
  ask(action: RunAction): void
  dialog: ReactNode
}

/** Actions on a run, each shown with its effect before it is done. */
export function useRunActions(run: RunDetail | null): RunActions {
  const [action, setAction] = useState<RunAction | null>(null)
  const ask = useCallback((next: RunAction) => setAction(next), [])
  const dialog = run && action && (
    <ActionDialog key={JSON.stringify(action)} run={run} action={action} onClose={() => setAction(null)} />
  )
  return { ask, dialog }
}

function ActionDialog({ run, action, onClose }: { run: RunDetail; action: RunAction; onClose: () => void }) {
  const [includeDownstream, setIncludeDownstream] = useState(true)
  const [includeUpstream, setIncludeUpstream] = useState(false)
  const [version, setVersion] = useState<"pinned" | "newest">("pinned")
  // Once confirmed, the action itself changes what it could still do: the words stay those that were agreed to.
  const [isConfirmed, setConfirmed] = useState(false)
  const effect = useQuery({
    ...runEffectQuery(run, action, { includeDownstream, includeUpstream, version }),
    enabled: !isConfirmed,
    placeholderData: keepPreviousData,
  })
  const perform = usePerform(run.id)
  const words = actionWords(run.id, action)
  const confirm = async () => {
    setConfirmed(true)
    try {
      await perform(action, { includeDownstream, includeUpstream, version })
    } catch (error) {
      setConfirmed(false)
      throw error
    }
  }
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={words.title}
      confirmLabel={words.verb}
      isDanger={words.isDanger}
      isReady={effect.isSuccess && !effect.isFetching}
      onConfirm={confirm}
    >
      {action.kind === "clear" && (
        <Segmented
          label="What to run again"
          className="mb-3"
          value={includeDownstream ? "down" : "only"}
          onValueChange={(value) => setIncludeDownstream(value === "down")}
          options={[
            { value: "down", label: "With what follows" },
            { value: "only", label: onlyLabel(action) },
          ]}
        />
      )}
      {action.kind === "clear" && !action.some && (
        <label className="mb-3 flex items-center gap-2">
          <input
            type="checkbox"
            checked={includeUpstream}
            onChange={(event) => setIncludeUpstream(event.target.checked)}
          />
          With all that {action.taskIds.length === 1 ? "it is" : "they are"} made from
        </label>
      )}
      {takesVersion(action) && effect.data?.newestVersion != null && (
        <Segmented
          label="Which code to run"
          className="mb-3"
          value={version}
          onValueChange={(value) => setVersion(value === "newest" ? "newest" : "pinned")}
          options={[
            { value: "pinned", label: `As it ran, v${run.version}` },
            { value: "newest", label: `Current code, v${effect.data.newestVersion}` },
          ]}
        />
      )}
      {effect.isError && (
        <ErrorState
          className="px-0 py-0 max-sm:px-0"
          title="This cannot be done now"
          message={adviceFor(effect.error)}
        />
      )}
      {effect.isPending && <Skeleton className="h-10" />}
      {effect.data && (
        <div className={effect.isFetching ? "opacity-60" : ""} aria-live="polite">
          <p>{effect.data.text}</p>
          <EffectList label="Tasks" names={effect.data.taskIds} />
          <EffectList label="Written again" names={effect.data.datasets} />
        </div>
      )}
    </ConfirmDialog>
  )
}

function takesVersion(action: RunAction): boolean {
  return action.kind === "retry" || action.kind === "clear"
}

function onlyLabel({ taskIds, some }: Extract<RunAction, { kind: "clear" }>): string {
  if (some) return some.mapIndexes?.length === 1 ? "Only this instance" : "Only these instances"
  return taskIds.length === 1 ? "Only this task" : "Only these tasks"
}

function EffectList({ label, names }: { label: string; names: readonly string[] }) {
  if (names.length === 0) return null
  return (
    <p className="mt-2 text-t2" title={names.slice(0, 200).join(", ")}>
      <span className="text-t3">{label} </span>
      <span className="break-words">{listOf(names, 8)}</span>
    </p>
  )
}

/** Does an action; a toast says that it is done, or why not. */
function usePerform(runId: string) {
  const retry = useRetryRun()
  const clear = useClearRun()
  const markInstance = useMarkTaskRun()
  const mark = useMarkRun()
  const repin = useRepinRun()
  const cancel = useCancelRun()
  return (action: RunAction, options: ActionOptions): Promise<unknown> => {
    switch (action.kind) {
      case "retry":
        return retry.mutateAsync({ id: runId, version: options.version })
      case "clear":
        return clear.mutateAsync({ id: runId, ...clearBody(action), ...options })
      case "mark":
        return action.isInstance
          ? markInstance.mutateAsync({ taskRunId: action.taskRunId, state: action.state })
          : mark.mutateAsync({ id: runId, taskIds: [action.taskId], state: action.state })
      case "mark_run":
        return mark.mutateAsync({ id: runId, state: action.state })
      case "repin":
        return repin.mutateAsync(runId)
      case "cancel":
        return cancel.mutateAsync(runId)
    }
  }
}
