"use client"
import { keepPreviousData, useQuery } from "@tanstack/react-query"
import { useState } from "react"
import type { BulkAction, RunSummary } from "#lib/contracts/api/runs.ts"
import { plural } from "../format/count.ts"
import { adviceFor } from "../queries/client.ts"
import { bulkPreviewQuery, useActOnRuns } from "../queries/runs.ts"
import { Button } from "../ui/button.tsx"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Icon, StateIcon } from "../ui/icon.tsx"
import { Menu, MenuItem } from "../ui/menu.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { Skeleton } from "../ui/skeleton.tsx"
import { bulkWords } from "./bulk-words.ts"

/** What may be done to the selected runs at once; each is shown with its effect on every one of them before it is done. */
export function BulkBar({
  runs,
  onDone,
  onClear,
}: {
  runs: readonly Pick<RunSummary, "id" | "state">[]
  onDone: () => void
  onClear: () => void
}) {
  const [action, setAction] = useState<BulkAction | null>(null)
  if (runs.length === 0) return null
  const has = (...states: RunSummary["state"][]) => runs.some((run) => states.includes(run.state))
  return (
    <section
      aria-label="Selected runs"
      className="flex flex-wrap items-center gap-2 border-line border-b bg-selected px-6 py-1.5 max-sm:px-4"
    >
      <b className="mr-2">{plural(runs.length, "run")} selected</b>
      <Button icon="retry" disabled={!has("failed", "cancelled")} onClick={() => setAction("retry")}>
        Retry failed
      </Button>
      <Button icon="stop" disabled={!has("queued", "running")} onClick={() => setAction("cancel")}>
        Cancel
      </Button>
      <Menu
        align="start"
        trigger={
          <Button>
            More
            <Icon name="chev" className="-mr-1" />
          </Button>
        }
      >
        <MenuItem effect="All that did not end well counts as done" onSelect={() => setAction("mark_success")}>
          Mark as success
        </MenuItem>
        <MenuItem effect="What has not ended counts as failed" onSelect={() => setAction("mark_failed")}>
          Mark as failed
        </MenuItem>
        <MenuItem effect="What is done stays done" onSelect={() => setAction("repin")}>
          Move to the newest version
        </MenuItem>
      </Menu>
      <Button variant="ghost" icon="x" className="ml-auto" onClick={onClear}>
        Select none
      </Button>
      {action && (
        <BulkDialog
          key={action}
          action={action}
          runIds={runs.map((run) => run.id)}
          onClose={() => setAction(null)}
          onDone={onDone}
        />
      )}
    </section>
  )
}

function BulkDialog({
  action,
  runIds,
  onClose,
  onDone,
}: {
  action: BulkAction
  runIds: string[]
  onClose: () => void
  onDone: () => void
}) {
  const [version, setVersion] = useState<"pinned" | "newest">("pinned")
  // Once confirmed, the action itself changes what it could still do: the words stay those that were agreed to.
  const [isConfirmed, setConfirmed] = useState(false)
  const request = { action, runIds, version }
  const preview = useQuery({ ...bulkPreviewQuery(request), enabled: !isConfirmed, placeholderData: keepPreviousData })
  const act = useActOnRuns()
  const words = bulkWords(action, runIds.length)
  const confirm = async () => {
    setConfirmed(true)
    try {
      await act.mutateAsync(request)
    } catch (error) {
      setConfirmed(false)
      throw error
    }
    onDone()
  }
  const items = preview.data?.items ?? []
  return (
    <ConfirmDialog
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={words.title}
      confirmLabel={words.verb}
      isDanger={words.isDanger}
      isReady={preview.isSuccess && !preview.isFetching && items.some((item) => item.ok)}
      onConfirm={confirm}
    >
      {action === "retry" && (
        <Segmented
          label="Which code to run"
          className="mb-3"
          value={version}
          onValueChange={(value) => setVersion(value === "newest" ? "newest" : "pinned")}
          options={[
            { value: "pinned", label: "As each ran" },
            { value: "newest", label: "Current code" },
          ]}
        />
      )}
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
          <p>{preview.data.text}</p>
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
          </ul>
        </div>
      )}
    </ConfirmDialog>
  )
}
