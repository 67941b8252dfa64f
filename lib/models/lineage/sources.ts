/** A column of a relation that the catalogue knows, or that a query names without doubt. One object a trace and column. */
export interface BaseColumn {
  /** The relation's id, as the catalogue gives it. */
  relation: string
  column: string
  type: string | null
}

/** `direct`: an identical copy of the value. `derived`: an expression computed from it. */
export type Influence = "direct" | "derived"

/** How a value comes from a base column. */
export interface Trace {
  influence: Influence
  /** The expression on every way that keeps the value from being read back, as `md5`; null when one way lets it through. */
  anonymisedBy: string | null
}

/** Where a value comes from. Maps are shared between columns and never changed after they are made. */
export type Sources = ReadonlyMap<BaseColumn, Trace>

export const NO_SOURCES: Sources = new Map()
export const DIRECT: Trace = { influence: "direct", anonymisedBy: null }
const DERIVED: Trace = { influence: "derived", anonymisedBy: null }

/** The sources of all values together; of two ways from one column the one that keeps more of it counts. */
export function mergeSources(...all: Sources[]): Sources {
  const filled = all.filter(({ size }) => size > 0)
  if (filled.length <= 1) return filled[0] ?? NO_SOURCES
  const merged = new Map(filled[0])
  for (const sources of filled.slice(1)) {
    for (const [column, trace] of sources) {
      const other = merged.get(column)
      if (!other || strength(trace) > strength(other)) merged.set(column, trace)
    }
  }
  return merged
}

/** The same sources, no longer as identical copies. */
export function derive(sources: Sources): Sources {
  if (![...sources.values()].some(({ influence }) => influence === "direct")) return sources
  return new Map([...sources].map(([column, trace]) => [column, trace.influence === "direct" ? DERIVED : trace]))
}

/** The same sources behind an expression from whose result the value cannot be told; the innermost such is named. */
export function anonymise(sources: Sources, by: string): Sources {
  const trace: Trace = { influence: "derived", anonymisedBy: by }
  return new Map([...sources].map(([column, known]) => [column, known.anonymisedBy === null ? trace : known]))
}

function strength({ influence, anonymisedBy }: Trace): number {
  if (influence === "direct") return 2
  return anonymisedBy === null ? 1 : 0
}
