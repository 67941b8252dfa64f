"use client"
import { useEffect, useMemo, useRef } from "react"
import { type Shortcut, useKeys } from "../ui/keys.ts"
import type { TriageAction } from "./use-incident-actions.tsx"

/** What the keys of the inbox do. */
interface TriageKeys {
  items: readonly { id: string }[]
  selectedId: string | null
  select: (id: string) => void
  toggle: (id: string) => void
  /** Takes the choice away, or else the selection. */
  close: () => void
  act: (action: TriageAction) => void
}

/** The keys of the inbox: moving, choosing, and acting on what is chosen, or else on what is selected. */
export function useTriageKeys(keys: TriageKeys): void {
  const latest = useRef(keys)
  // Outside React: the keys call what is current when they are pressed.
  useEffect(() => {
    latest.current = keys
  })
  useKeys(
    useMemo<Shortcut[]>(() => {
      const move = (step: number) => {
        const { items, selectedId, select } = latest.current
        const index = items.findIndex(({ id }) => id === selectedId)
        const next = items[index < 0 ? 0 : index + step]
        if (!next) return
        select(next.id)
        focusRow(next.id, 3)
      }
      const act = (action: TriageAction) => () => latest.current.act(action)
      return [
        { keys: "j", label: "Next incident", run: () => move(1) },
        { keys: "k", label: "Previous incident", run: () => move(-1) },
        { keys: "o", label: "Open: read the selected one", run: focusDetail },
        {
          keys: "x",
          label: "Choose, for actions on many",
          run: () => latest.current.selectedId && latest.current.toggle(latest.current.selectedId),
        },
        { keys: "Escape", label: "Close, or choose none", run: () => latest.current.close() },
        ...actionKeys(act),
      ]
    }, []),
  )
}

/** The keys of one incident's page. */
export function useIncidentKeys(run: (action: TriageAction) => void): void {
  const latest = useRef(run)
  // Outside React: as above.
  useEffect(() => {
    latest.current = run
  })
  useKeys(useMemo<Shortcut[]>(() => actionKeys((action) => () => latest.current(action)), []))
}

function actionKeys(act: (action: TriageAction) => () => void): Shortcut[] {
  return [
    { keys: "a", label: "Acknowledge", group: "Incident", run: act("acknowledge") },
    { keys: "s", label: "Snooze", group: "Incident", run: act("snooze") },
    { keys: "i", label: "Assign", group: "Incident", run: act("assign") },
    { keys: "e", label: "Resolve", group: "Incident", run: act("resolve") },
    { keys: "r", label: "Retry all", group: "Incident", run: act("retry") },
    { keys: "c", label: "Comment", group: "Incident", run: focusComment },
  ]
}

function focusComment() {
  document.querySelector<HTMLElement>("[data-comment]")?.focus()
}

/** Reads on in the selected one; where it is on screen already, a second Enter on its row does this too. */
export function focusDetail() {
  document.getElementById("incident")?.focus()
}

/** Only once its list has scrolled there is a row to give the focus to: a frame or two. */
function focusRow(id: string, tries: number) {
  const row = document.querySelector<HTMLElement>(`[data-incident="${CSS.escape(id)}"]`)
  if (row) row.focus({ preventScroll: true })
  else if (tries > 0) requestAnimationFrame(() => focusRow(id, tries - 1))
}
