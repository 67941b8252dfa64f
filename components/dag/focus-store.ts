import type { Lineage } from "./lineage.ts"

/** What a person looks at in the graph. */
export interface GraphFocus {
  /** Node id of the selected task; null for none. */
  selected: string | null
  /** What is highlighted: the lineage of what is hovered, else of what is selected. */
  lineage: Lineage | null
  /** The one node that Tab reaches; arrow keys go on from it. */
  tabStop: string | null
}

/** Selection and highlight outside React: moving the pointer repaints the edges concerned and nothing else. */
export class FocusStore {
  #focus: GraphFocus = { selected: null, lineage: null, tabStop: null }
  #listeners = new Set<() => void>()

  readonly get = (): GraphFocus => this.#focus

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(change: Partial<GraphFocus>): void {
    this.#focus = { ...this.#focus, ...change }
    for (const listener of this.#listeners) listener()
  }
}
