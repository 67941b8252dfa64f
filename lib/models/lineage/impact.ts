import { keyOf } from "./column-key.ts"
import type { ColumnId } from "./column-lineage.ts"
import type { ColumnGraph } from "./index-graph.ts"
import type { RowInfluenceKind } from "./row-influences.ts"
import type { Influence } from "./sources.ts"

/** A column whose values depend on another, over any number of relations. */
export interface ReachedColumn extends ColumnId {
  /** `direct` when some way is made of identical copies alone. */
  influence: Influence
  /** Relations between, the shortest way: 1 for a neighbour. */
  distance: number
}

/** Everything that a column's values come from, nearest first. */
export function traceUpstream(graph: ColumnGraph, column: ColumnId): ReachedColumn[] {
  return reach(column, (each) => graph.upstream(each).map((source) => ({ to: source, influence: source.influence })))
}

/** Everything whose values come from a column, nearest first. */
export function traceDownstream(graph: ColumnGraph, column: ColumnId): ReachedColumn[] {
  return reach(column, (each) => graph.downstream(each).map(({ into, influence }) => ({ to: into, influence })))
}

/** A model of which the column decides the rows, directly or through columns that its values reach. */
export interface DecidedModel {
  model: string
  kinds: RowInfluenceKind[]
}

/** What hangs on a column. */
export interface Impact {
  /** Columns that its values flow into. */
  values: ReachedColumn[]
  /** Models whose rows it decides by filter, join, group, order or window. */
  rows: DecidedModel[]
  /** Models that take over rows so decided, at any distance, and are in neither list above. */
  rowsThrough: string[]
  /** Models that fail when the column goes: they name it, or a column that goes with it. */
  breaks: string[]
  /** Columns that go with it without anything failing where they are made, because `*` brings them. */
  vanishes: ColumnId[]
  /** Models behind one that fails: they keep their old input. */
  stale: string[]
}

/** What a change of a column reaches, and what breaks if it goes. */
export function impactOf(graph: ColumnGraph, column: ColumnId): Impact {
  const values = traceDownstream(graph, column)
  const rows = decidedModels(graph, [column, ...values])
  const touched = new Set([...values.map(({ relation }) => relation), ...rows.map(({ model }) => model)])
  const readers = readersOf(graph)
  const { breaks, vanishes } = removalOf(graph, column, readers)
  const rowsThrough = behind(
    readers,
    rows.map(({ model }) => model),
  ).filter((model) => !touched.has(model))
  const stale = behind(readers, breaks).filter((model) => !breaks.includes(model))
  return { values, rows, rowsThrough, breaks, vanishes, stale }
}

function reach(start: ColumnId, next: (column: ColumnId) => { to: ColumnId; influence: Influence }[]): ReachedColumn[] {
  const found = new Map<string, ReachedColumn>()
  // Breadth first, so the first way is the shortest. A column is passed again when a way of copies comes after another.
  let front: ReachedColumn[] = [{ ...start, influence: "direct", distance: 0 }]
  while (front.length > 0) {
    const following: ReachedColumn[] = []
    for (const from of front) {
      for (const { to, influence } of next(from)) {
        const isCopy = from.influence === "direct" && influence === "direct"
        const known = found.get(keyOf(to))
        if (known && (known.influence === "direct" || !isCopy)) continue
        const reached: ReachedColumn = {
          relation: to.relation,
          column: to.column,
          influence: isCopy ? "direct" : "derived",
          distance: known?.distance ?? from.distance + 1,
        }
        found.set(keyOf(to), reached)
        following.push(reached)
      }
    }
    front = following
  }
  found.delete(keyOf(start))
  return [...found.values()].sort((a, b) => a.distance - b.distance)
}

function decidedModels(graph: ColumnGraph, columns: readonly ColumnId[]): DecidedModel[] {
  const kinds = new Map<string, Set<RowInfluenceKind>>()
  for (const column of columns) {
    for (const { into, kind } of graph.rowsDecidedBy(column)) {
      kinds.set(into, (kinds.get(into) ?? new Set()).add(kind))
    }
  }
  return [...kinds].map(([model, set]) => ({ model, kinds: [...set] }))
}

/**
 * Goes through the models behind the column in their order. One that fails makes nothing new, so what it would lose spreads
 * no further: behind it all is stale.
 */
function removalOf(
  graph: ColumnGraph,
  column: ColumnId,
  readers: ReadonlyMap<string, string[]>,
): Pick<Impact, "breaks" | "vanishes"> {
  const breaks: string[] = []
  const vanishes: ColumnId[] = []
  const gone = new Set([keyOf(column)])
  const concerned = new Set(behind(readers, [column.relation]))
  for (const [model, { mentions, columns }] of graph.lineages) {
    if (!concerned.has(model)) continue
    if (mentions.some((mentioned) => gone.has(keyOf(mentioned)))) {
      breaks.push(model)
      continue
    }
    for (const { name, viaStar } of columns) {
      if (!viaStar.some((each) => gone.has(keyOf(each)))) continue
      const carried = { relation: model, column: name }
      gone.add(keyOf(carried))
      vanishes.push(carried)
    }
  }
  return { breaks, vanishes }
}

function readersOf(graph: ColumnGraph): Map<string, string[]> {
  const readers = new Map<string, string[]>()
  for (const [model, { relations }] of graph.lineages) {
    for (const relation of relations) readers.set(relation, [...(readers.get(relation) ?? []), model])
  }
  return readers
}

/** Without the roots themselves, in the order of reading. */
function behind(readers: ReadonlyMap<string, string[]>, roots: readonly string[]): string[] {
  const seen = new Set(roots)
  const queue = [...roots]
  for (let index = 0; index < queue.length; index++) {
    for (const reader of readers.get(queue[index]!) ?? []) {
      if (seen.has(reader)) continue
      seen.add(reader)
      queue.push(reader)
    }
  }
  return queue.slice(roots.length)
}
