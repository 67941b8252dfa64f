import type { BaseColumn, Sources } from "./sources.ts"

/** What a column decides about the rows of a result, besides or instead of its values. */
export const ROW_INFLUENCE_KINDS = ["filter", "join", "group", "order", "window"] as const
export type RowInfluenceKind = (typeof ROW_INFLUENCE_KINDS)[number]

/** The base columns that decide which rows a query gives, how they are grouped, ordered and framed. */
export class RowInfluences {
  readonly #columns = new Map<RowInfluenceKind, Set<BaseColumn>>()

  add(kind: RowInfluenceKind, sources: Sources): void {
    if (sources.size === 0) return
    const columns = this.#columns.get(kind) ?? new Set()
    this.#columns.set(kind, columns)
    for (const column of sources.keys()) columns.add(column)
  }

  /** Takes over all that decides about the rows of a query that this one reads. */
  addAll(other: RowInfluences): void {
    for (const [kind, columns] of other.#columns) {
      const own = this.#columns.get(kind)
      this.#columns.set(kind, new Set([...(own ?? []), ...columns]))
    }
  }

  *[Symbol.iterator](): Iterator<[RowInfluenceKind, BaseColumn]> {
    for (const kind of ROW_INFLUENCE_KINDS) {
      for (const column of this.#columns.get(kind) ?? []) yield [kind, column]
    }
  }
}
