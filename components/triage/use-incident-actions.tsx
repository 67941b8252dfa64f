"use client"
import { useState } from "react"
import type { Incident } from "#lib/contracts/api/incidents.ts"
import { plural } from "../format/count.ts"
import { formatUpcoming } from "../format/instant.ts"
import { useZone } from "../format/zone.ts"
import { useActOnIncidents } from "../queries/incidents.ts"
import { toast } from "../ui/toast.tsx"
import { AssignDialog } from "./assign-dialog.tsx"
import { ResolveDialog } from "./resolve-dialog.tsx"
import { RetryDialog } from "./retry-dialog.tsx"
import { SnoozeDialog } from "./snooze-dialog.tsx"

export type TriageAction = "acknowledge" | "snooze" | "wake" | "assign" | "resolve" | "retry"

/** What an action is done to; as it was before, for the way back. */
export type Target = Pick<Incident, "id" | "title" | "state" | "assignee" | "snoozedUntil" | "owner">

export interface AskOptions {
  /** Which code a retry offers first. */
  version?: "pinned" | "newest"
}

interface Asked extends AskOptions {
  action: "snooze" | "assign" | "resolve" | "retry"
  targets: readonly Target[]
}

/**
 * What a person does about incidents: `ask` does it, after a dialog where it needs one, and a toast says what was done and
 * offers the way back where there is one. `onDone` follows what was done.
 */
export function useIncidentActions(onDone?: () => void) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const act = useActOnIncidents()
  const zone = useZone()
  const close = () => setAsked(null)

  const acknowledge = async (targets: readonly Target[]) => {
    const { unchanged } = await act.mutateAsync({ action: "acknowledge", ids: idsOf(targets) })
    const changed = targets.filter(({ id }) => !unchanged.includes(id))
    if (changed.length === 0) {
      toast.success(`${subject(targets)} ${targets.length === 1 ? "is" : "are"} seen to already.`)
      return
    }
    const back = () => act.mutate({ action: "unacknowledge", ids: idsOf(changed) })
    toast.success(`${subject(changed)} acknowledged.`, { action: { label: "Undo", onClick: back } })
  }
  const snooze = async (targets: readonly Target[], until: string | null) => {
    await act.mutateAsync({ action: "snooze", ids: idsOf(targets), until })
    const back = () => void restoreSnooze(targets).catch(() => {})
    const words = until === null ? "no longer snoozed" : `snoozed until ${formatUpcoming(until, zone)}`
    toast.success(`${subject(targets)} ${words}.`, { action: { label: "Undo", onClick: back } })
  }
  const restoreSnooze = async (targets: readonly Target[]) => {
    for (const [until, group] of grouped(targets, stillToCome)) {
      await act.mutateAsync({ action: "snooze", ids: idsOf(group), until })
    }
  }
  const assign = async (targets: readonly Target[], assignee: string | null) => {
    await act.mutateAsync({ action: "assign", ids: idsOf(targets), assignee })
    const back = () => void restoreAssignees(targets).catch(() => {})
    const words = assignee === null ? "assigned to nobody" : `assigned to ${assignee}`
    toast.success(`${subject(targets)} ${words}.`, { action: { label: "Undo", onClick: back } })
  }
  const restoreAssignees = async (targets: readonly Target[]) => {
    for (const [assignee, group] of grouped(targets, (target) => target.assignee)) {
      await act.mutateAsync({ action: "assign", ids: idsOf(group), assignee })
    }
  }
  const resolve = async (targets: readonly Target[], text: string) => {
    await act.mutateAsync({ action: "resolve", ids: idsOf(targets), ...(text && { text }) })
    const back = () => void restoreResolved(targets).catch(() => {})
    toast.success(`${subject(targets)} resolved.`, { action: { label: "Undo", onClick: back } })
  }
  const restoreResolved = async (targets: readonly Target[]) => {
    await act.mutateAsync({ action: "reopen", ids: idsOf(targets) })
    await restoreSnooze(targets.filter((target) => stillToCome(target) !== null))
  }
  const settle = (done: Promise<void>) =>
    done.then(
      () => onDone?.(),
      () => {}, // The mutation told the person.
    )

  const ask = (action: TriageAction, targets: readonly Target[], options: AskOptions = {}) => {
    if (targets.length === 0) return
    // What is over can be neither put off nor given to somebody.
    const open = targets.filter(({ state }) => state !== "resolved")
    if (action === "retry") setAsked({ action, targets, ...options })
    else if (open.length === 0)
      toast.error(`${subject(targets)} ${targets.length === 1 ? "is" : "are"} resolved already.`)
    else if (action === "acknowledge") void settle(acknowledge(open))
    else if (action === "wake") void settle(snooze(open, null))
    else setAsked({ action, targets: open, ...options })
  }
  const dialog = asked && (
    <>
      {asked.action === "snooze" && (
        <SnoozeDialog
          what={subject(asked.targets)}
          onClose={close}
          onPick={(until) => settle(snooze(asked.targets, until))}
        />
      )}
      {asked.action === "assign" && (
        <AssignDialog
          what={subject(asked.targets)}
          targets={asked.targets}
          onClose={close}
          onPick={(assignee) => settle(assign(asked.targets, assignee))}
        />
      )}
      {asked.action === "resolve" && (
        <ResolveDialog
          what={subject(asked.targets)}
          onClose={close}
          onConfirm={async (text) => {
            await resolve(asked.targets, text)
            onDone?.()
          }}
        />
      )}
      {asked.action === "retry" && (
        <RetryDialog
          ids={idsOf(asked.targets)}
          what={subject(asked.targets)}
          firstVersion={asked.version ?? "pinned"}
          onClose={close}
          onDone={() => onDone?.()}
        />
      )}
    </>
  )
  return { ask, dialog }
}

/** What a sentence is about: `Incident 12`, `3 incidents`. */
function subject(targets: readonly Target[]): string {
  return targets.length === 1 ? `Incident ${targets[0]!.id}` : plural(targets.length, "incident")
}

function idsOf(targets: readonly Target[]): string[] {
  return targets.map(({ id }) => id)
}

function grouped<Key>(targets: readonly Target[], keyOf: (target: Target) => Key): Map<Key, Target[]> {
  return Map.groupBy(targets, keyOf)
}

/** A snooze that has run out meanwhile is not put back. */
function stillToCome({ snoozedUntil }: Target): string | null {
  return snoozedUntil !== null && Date.parse(snoozedUntil) > Date.now() ? snoozedUntil : null
}
