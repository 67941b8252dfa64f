"use client"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import { plural } from "../format/count.ts"
import { adviceFor } from "../queries/client.ts"
import { retryPreviewQuery, useRetryIncidents } from "../queries/incidents.ts"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { Skeleton } from "../ui/skeleton.tsx"
import { toast } from "../ui/toast.tsx"
import { inSentence } from "./snooze-dialog.tsx"

/** Says exactly what would run again, with which code, before it does. */
export function RetryDialog({
  ids,
  what,
  firstVersion,
  onClose,
  onDone,
}: {
  ids: string[]
  what: string
  firstVersion: "pinned" | "newest"
  onClose: () => void
  onDone: () => void
}) {
  const [version, setVersion] = useState(firstVersion)
  // Once confirmed, the retry itself changes what it could still do: the words stay those that were agreed to.
  const [isConfirmed, setConfirmed] = useState(false)
  const choice = { ids, version }
  const preview = useQuery({ ...retryPreviewQuery(choice), enabled: !isConfirmed, placeholderData: keepPreviousData })
  const retry = useRetryIncidents()
  const items = preview.data?.items ?? []
  const runnable = items.filter(({ ok }) => ok)
  // Of one incident the summary says it; what its runs cannot do stands with them.
  const idle = ids.length < 2 ? [] : (preview.data?.incidents ?? []).filter(({ runIds }) => runIds.length === 0)
  const confirm = async () => {
    setConfirmed(true)
    try {
      const done = (await retry.mutateAsync(choice)).items.filter(({ ok }) => ok)
      toast.success(
        done.length === 1 && done[0]
          ? done[0].text
          : `${plural(done.length, "run")} ${done.length === 1 ? "runs" : "run"} again.`,
      )
    } catch (error) {
      setConfirmed(false)
      throw error
    }
    onDone()
  }
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`Retry all of ${inSentence(what)}`}
      confirmLabel="Retry"
      isDanger={false}
      isReady={preview.isSuccess && !preview.isFetching && runnable.length > 0}
      onConfirm={confirm}
    >
      <Segmented
        label="Which code to run"
        className="mb-3"
        value={version}
        onValueChange={setVersion}
        options={[
          { value: "pinned", label: "As each ran" },
          { value: "newest", label: "Current code" },
        ]}
      />
      {preview.isError && (
        <ErrorState
          className="px-0 py-0 max-sm:px-0"
          title="This cannot be done now"
          message={adviceFor(preview.error)}
        />
      )}
      {preview.isPending && <Skeleton className="h-10" />}
      {preview.data && (
        <div className={preview.isFetching ? "opacity-60" : ""} aria-live="polite">
          <p>{summary(items.length, runnable)}</p>
          <ul className="mt-2 max-h-56 overflow-auto text-t2">
            {items.map((item) => (
              <li key={item.runId} className="flex items-baseline gap-1.5 py-0.5">
                <StateIcon name={item.ok ? "success" : "skipped"} className="self-center" />
                <span>
                  {!item.ok && <b className="text-t1">Left out: </b>}
                  {item.text}
                </span>
              </li>
            ))}
            {idle.map(({ incidentId, text }) => (
              <li key={incidentId} className="flex items-baseline gap-1.5 py-0.5">
                <StateIcon name="skipped" className="self-center" />
                <span>
                  <b className="text-t1">Left out: </b>
                  incident {incidentId}. {text}
                </span>
              </li>
            ))}
          </ul>
        </div>
      )}
    </ConfirmDialog>
  )
}

function summary(total: number, runnable: readonly { tasks: number }[]): string {
  if (total === 0) return "No run is failed now: there is nothing to run again."
  if (runnable.length === 0) return "None of its runs can be run again now."
  const tasks = runnable.reduce((sum, item) => sum + item.tasks, 0)
  return `${plural(tasks, "task")} of ${plural(runnable.length, "run")} ${tasks === 1 ? "runs" : "run"} again.`
}
