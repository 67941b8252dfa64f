import { keyOf } from "./column-key.ts"
import type { ColumnLineage, ColumnSource, OutputColumn } from "./column-lineage.ts"

/** The lineage of a relation that several statements wrote: a column has the sources of all of them. */
export function mergeLineages(first: ColumnLineage, ...others: readonly ColumnLineage[]): ColumnLineage {
  const all = [first, ...others]
  return {
    kind: first.kind,
    target: first.target,
    columns: mergeColumns(all.flatMap(({ columns }) => columns)),
    rows: unique(
      all.flatMap(({ rows }) => rows),
      (row) => `${keyOf(row)}\0${row.kind}`,
    ),
    mentions: unique(
      all.flatMap(({ mentions }) => mentions),
      keyOf,
    ),
    relations: [...new Set(all.flatMap(({ relations }) => relations))],
    gaps: unique(
      all.flatMap(({ gaps }) => gaps),
      (gap) => JSON.stringify(gap),
    ),
    unknownStars: [...new Set(all.flatMap(({ unknownStars }) => unknownStars))],
  }
}

function mergeColumns(columns: readonly OutputColumn[]): OutputColumn[] {
  return [...Map.groupBy(columns, ({ name }) => name)].map(([name, same]) => {
    if (same.length === 1) return same[0]!
    return {
      name,
      type: same.every(({ type }) => type === same[0]!.type) ? same[0]!.type : null,
      sources: mergeSources(same.flatMap(({ sources }) => sources)),
      // It goes quietly with a column only where each statement brings it by a star.
      viaStar: same.every(({ viaStar }) => viaStar.length > 0)
        ? unique(
            same.flatMap(({ viaStar }) => viaStar),
            keyOf,
          )
        : [],
    }
  })
}

/** Of two ways from one column the one that keeps more of the value counts. */
function mergeSources(sources: readonly ColumnSource[]): ColumnSource[] {
  return [...Map.groupBy(sources, keyOf).values()].map((same) => same.toSorted((a, b) => strength(b) - strength(a))[0]!)
}

function strength({ influence, anonymisedBy }: ColumnSource): number {
  if (influence === "direct") return 2
  return anonymisedBy === null ? 1 : 0
}

function unique<T>(values: readonly T[], key: (value: T) => string): T[] {
  return [...new Map(values.map((value) => [key(value), value])).values()]
}
