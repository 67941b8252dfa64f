"use client"
import { useState } from "react"
import type { Backfill } from "#lib/contracts/api/backfills.ts"
import { plural } from "../format/count.ts"
import { useCancelBackfill, useChangeBackfill, useRerunFailed } from "../queries/backfills.ts"
import { Button } from "../ui/button.tsx"
import { ConfirmDialog } from "../ui/dialog.tsx"
import { Select } from "../ui/input.tsx"
import { Stepper } from "./stepper.tsx"

/** What live runs have (lib/domain/priority.ts). */
const LIVE_PRIORITY = 1000

/** Lets what runs finish and starts nothing further; or goes on. */
export function PauseButton({ backfill }: { backfill: Backfill }) {
  const change = useChangeBackfill(backfill.id ?? "")
  const isPaused = backfill.state === "paused"
  return (
    <Button
      icon={isPaused ? "play" : "pause"}
      variant={isPaused ? "primary" : "default"}
      disabled={change.isPending}
      onClick={() => change.mutate({ isPaused: !isPaused })}
    >
      {isPaused ? "Resume" : "Pause"}
    </Button>
  )
}

/** How many run at a time; may be changed at any moment. */
export function AtOnce({ backfill }: { backfill: Backfill }) {
  const change = useChangeBackfill(backfill.id ?? "")
  return (
    <Stepper
      label="At once"
      value={change.variables?.concurrency && change.isPending ? change.variables.concurrency : backfill.concurrency}
      onChange={(concurrency) => change.mutate({ concurrency })}
    />
  )
}

/** Holds for the runs that start from now on. */
export function Priority({ backfill }: { backfill: Backfill }) {
  const change = useChangeBackfill(backfill.id ?? "")
  const { priority } = backfill
  return (
    <Select
      aria-label="Priority"
      value={priority}
      disabled={change.isPending}
      onChange={(event) => change.mutate({ priority: Number(event.target.value) })}
    >
      {[...new Set([0, LIVE_PRIORITY, priority])].map((value) => (
        <option key={value} value={value}>
          {priorityWords(value)}
        </option>
      ))}
    </Select>
  )
}

/** A priority as people say it. */
export function priorityWords(priority: number): string {
  return priority === 0 ? "below live runs" : priority === LIVE_PRIORITY ? "like live runs" : String(priority)
}

/** Runs what failed again, after saying what that leaves alone. */
export function RerunButton({ backfill }: { backfill: Backfill }) {
  const [isOpen, setOpen] = useState(false)
  const rerun = useRerunFailed(backfill.id ?? "")
  const { failed: failures, cancelled } = backfill.counts
  const failed = failures + cancelled
  const kind = cancelled === 0 ? "failed" : failures === 0 ? "cancelled" : "failed or cancelled"
  const partitions = plural(failed, `${kind} partition`)
  return (
    <>
      <Button icon="retry" variant="primary" onClick={() => setOpen(true)}>
        Run {partitions} again
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Run ${partitions} again`}
        confirmLabel="Run again"
        isDanger={false}
        onConfirm={() => rerun.mutateAsync()}
      >
        <ul className="list-disc pl-4 text-t2">
          <li>Each gets a new run with the newest version of the code, {backfill.concurrency} at a time.</li>
          <li>The {backfill.counts.done} partitions that are loaded are not touched.</li>
          <li>The failed runs stay as they are, to be read.</li>
        </ul>
      </ConfirmDialog>
    </>
  )
}

/** Stops a backfill, after saying what becomes of each of its partitions. */
export function CancelButton({ backfill }: { backfill: Backfill }) {
  const [isOpen, setOpen] = useState(false)
  const cancel = useCancelBackfill()
  const { create, done, failed, cancelled, running } = backfill.counts
  return (
    <>
      <Button icon="stop" onClick={() => setOpen(true)}>
        Cancel
      </Button>
      <ConfirmDialog
        isOpen={isOpen}
        onOpenChange={setOpen}
        title={`Cancel backfill ${backfill.id}`}
        confirmLabel="Cancel backfill"
        onConfirm={() => cancel.mutateAsync(backfill.id ?? "")}
      >
        <ul className="list-disc pl-4 text-t2">
          <li>
            {plural(create - done - failed - cancelled - running, "partition")} that have not started stay as they are.
          </li>
          <li>
            {plural(running, "partition")} being loaded: the runs are cancelled, what they had not published is dropped,
            and what these partitions held before stays.
          </li>
          <li>{plural(done, "partition")} that are loaded keep their new data.</li>
        </ul>
      </ConfirmDialog>
    </>
  )
}
