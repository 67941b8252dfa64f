"use client"
import { createContext, useContext, useSyncExternalStore } from "react"
import type { ColumnRef } from "#lib/contracts/api/lineage.ts"
import type { FocusStore, GraphFocus } from "../dag/focus-store.ts"
import type { Direction } from "../dag/next-node.ts"

/** What datasets and edges of the lineage read. Its identity lasts as long as the canvas, so nothing repaints through it. */
export interface LineageApi {
  focus: FocusStore
  select(dataset: string): void
  pick(column: ColumnRef): void
  hover(dataset: string | null): void
  move(dataset: string, direction: Direction): void
}

const Context = createContext<LineageApi | null>(null)
export const LineageProvider = Context.Provider

/** The canvas around a dataset. Throws outside one. */
export function useLineage(): LineageApi {
  const api = useContext(Context)
  if (!api) throw new Error("useLineage needs a LineageProvider around it")
  return api
}

/** A fact about what is selected or highlighted; repaints only when the answer changed. */
export function useLineageFocus<Answer extends string | boolean | null>(read: (focus: GraphFocus) => Answer): Answer {
  const { focus } = useLineage()
  return useSyncExternalStore(
    focus.subscribe,
    () => read(focus.get()),
    () => read(focus.get()),
  )
}
