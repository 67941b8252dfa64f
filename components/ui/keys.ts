"use client"
import { useEffect, useSyncExternalStore } from "react"

/** One key of a screen. `keys` is a character (`r`), a sequence (`g p`) or a chord (`mod+k`; mod is Ctrl or ⌘). */
export interface Shortcut {
  keys: string
  /** What it does, for the key sheet. */
  label: string
  run: (event: KeyboardEvent) => void
  /** Heading in the key sheet; default "This screen". */
  group?: string
}

const SEQUENCE_MS = 1_000
const OFF_KEY = "headrace.keys-off"
let layers: { shortcuts: readonly Shortcut[] }[] = []
let snapshot: readonly Shortcut[] = []
const listeners = new Set<() => void>()
let pending = ""
let pendingSince = 0

/**
 * Registers keys while the component is mounted; where two layers name the same key the later one wins, and any wins over
 * a global one (the shell's). Keys do nothing while a person types or a dialog is open. Keep the array stable (module constant or useMemo), or it registers each render.
 */
export function useKeys(shortcuts: readonly Shortcut[], isEnabled = true, isGlobal = false): void {
  // Outside React: the window's key events, through one listener for the whole document.
  useEffect(() => {
    if (!isEnabled) return
    const layer = { shortcuts }
    if (layers.length === 0) window.addEventListener("keydown", onKeyDown)
    layers = isGlobal ? [layer, ...layers] : [...layers, layer]
    publish()
    return () => {
      layers = layers.filter((one) => one !== layer)
      if (layers.length === 0) window.removeEventListener("keydown", onKeyDown)
      publish()
    }
  }, [shortcuts, isEnabled, isGlobal])
}

/** All keys that work now, the most specific layer first; what the key sheet lists. */
export function useActiveShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(
    subscribe,
    () => snapshot,
    () => snapshot,
  )
}

/** Whether single-character keys are on (WCAG 2.1.4 wants a way to switch them off); chords always work. */
export function areCharacterKeysOn(): boolean {
  try {
    return localStorage.getItem(OFF_KEY) === null
  } catch {
    return true
  }
}

/** Switches single-character keys on or off for this browser. */
export function setCharacterKeys(isOn: boolean): void {
  try {
    if (isOn) localStorage.removeItem(OFF_KEY)
    else localStorage.setItem(OFF_KEY, "1")
  } catch {
    // Storage is refused (private mode): the switch lasts for this page only, by design of the browser.
  }
}

/** The name of a key event as {@link Shortcut.keys} writes it, or null for a bare modifier. */
export function keyName(event: Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">): string | null {
  if (["Control", "Meta", "Shift", "Alt", "AltGraph"].includes(event.key)) return null
  if (event.altKey) return null
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key
  return event.ctrlKey || event.metaKey ? `mod+${key}` : key
}

/** Finds the shortcut for `name` after `before` (the keys pressed just now): exact, a prefix to wait on, or nothing. */
export function matchKeys(
  shortcuts: readonly Shortcut[],
  before: string,
  name: string,
): { kind: "run"; shortcut: Shortcut } | { kind: "wait"; pending: string } | { kind: "none" } {
  for (const wanted of before === "" ? [name] : [`${before} ${name}`, name]) {
    const exact = shortcuts.find((one) => one.keys === wanted)
    if (exact) return { kind: "run", shortcut: exact }
    if (shortcuts.some((one) => one.keys.startsWith(`${wanted} `))) return { kind: "wait", pending: wanted }
  }
  return { kind: "none" }
}

function onKeyDown(event: KeyboardEvent) {
  if (event.defaultPrevented || event.isComposing) return
  const name = keyName(event)
  if (name === null) return
  const isChord = name.startsWith("mod+")
  if (!isChord && (isTyping(event.target) || isModalOpen() || !areCharacterKeysOn())) return
  const before = event.timeStamp - pendingSince < SEQUENCE_MS ? pending : ""
  const match = matchKeys(snapshot, before, name)
  pending = match.kind === "wait" ? match.pending : ""
  pendingSince = event.timeStamp
  if (match.kind !== "run") return
  event.preventDefault()
  match.shortcut.run(event)
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input, textarea, select"))
}

function isModalOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"], [role="menu"]') !== null
}

function publish() {
  snapshot = layers.toReversed().flatMap((layer) => layer.shortcuts)
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void) {
  listeners.add(listener)
  return () => listeners.delete(listener)
}
