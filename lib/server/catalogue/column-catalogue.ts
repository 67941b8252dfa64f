import type pg from "pg"
import type { ExposureDocument } from "#lib/contracts/dataset-document.ts"
import { keyOf } from "#lib/models/lineage/column-key.ts"
import type { ColumnLineage } from "#lib/models/lineage/column-lineage.ts"
import { type PropagatedTags, propagateTags, type TaggedColumn } from "#lib/models/lineage/column-tags.ts"
import { type ColumnGraph, indexGraph } from "#lib/models/lineage/index-graph.ts"
import { isSensitiveTag } from "#lib/models/lineage/sensitive-tags.ts"
import {
  type CataloguePointer,
  type ColumnFacts,
  readColumnFacts,
  readLineages,
  readPointers,
} from "#lib/store/read/lineage.ts"
import { readersLast } from "./readers-last.ts"

/** The columns of all datasets, as they flow into each other now. */
export interface ColumnCatalogue {
  graph: ColumnGraph
  /** Sensitive tags that projects set on columns. */
  tagged: readonly TaggedColumn[]
  /** How far they reach. */
  reached: PropagatedTags
  /** Datasets that are said as a whole to hold personal or sensitive data. */
  sensitive: ReadonlySet<string>
  /** Columns that are said to hold none, as `keyOf` has them. */
  cleared: ReadonlySet<string>
  /** Columns that hold no values of other datasets, by dataset: those that a snapshot adds. */
  bookkeeping: ReadonlyMap<string, ReadonlySet<string>>
  /** What reads datasets outside of the warehouse, by id. */
  exposures: ReadonlyMap<string, Exposure>
}

export interface Exposure extends ExposureDocument {
  /** Ids of datasets. */
  reads: string[]
}

interface Kept {
  stamp: string
  catalogue: ColumnCatalogue
  lineages: ReadonlyMap<string, ColumnLineage>
  facts: ReadonlyMap<string, ColumnFacts>
}

/** By pool: each process has one, tests several. */
const kept = new WeakMap<pg.Pool, Kept>()
/** The past that was asked for last: who looks at a version asks for several parts of it. One, as it is as large as now. */
const keptPast = new WeakMap<pg.Pool, Kept>()

/**
 * The column graph of what holds now. Documents and lineages never change, so it is built anew only when a dataset points
 * to others, and then only these are read.
 */
export async function columnCatalogue(pool: pg.Pool): Promise<ColumnCatalogue> {
  return catalogueOf(pool, await readPointers(pool), kept)
}

/** The column graph as it was at a moment, of the pointers that held then. */
export function pastCatalogue(pool: pg.Pool, pointers: readonly CataloguePointer[]): Promise<ColumnCatalogue> {
  return catalogueOf(pool, pointers, keptPast)
}

async function catalogueOf(
  pool: pg.Pool,
  pointers: readonly CataloguePointer[],
  cache: WeakMap<pg.Pool, Kept>,
): Promise<ColumnCatalogue> {
  const stamp = pointers.map(({ id, documentId, lineageId }) => `${id} ${documentId} ${lineageId}`).join("\n")
  const last = cache.get(pool)
  if (last?.stamp === stamp) return last.catalogue
  // Most of a past is as it is now.
  const known = last ?? kept.get(pool)
  const [lineages, facts] = await Promise.all([
    completed(known?.lineages, idsOf(pointers, "lineageId"), (ids) => readLineages<ColumnLineage>(pool, ids)),
    completed(known?.facts, idsOf(pointers, "documentId"), (ids) => readColumnFacts(pool, ids)),
  ])
  const catalogue = assemble(pointers, lineages, facts)
  cache.set(pool, { stamp, catalogue, lineages, facts })
  return catalogue
}

/** Columns with a sensitive tag, set or inherited, by dataset. */
export function sensitiveColumns({ tagged, reached }: ColumnCatalogue): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const { relation, column } of [...tagged, ...reached.inherited]) {
    found.set(relation, (found.get(relation) ?? new Set()).add(column))
  }
  return found
}

function idsOf(pointers: readonly CataloguePointer[], key: "documentId" | "lineageId"): string[] {
  return pointers.flatMap((pointer) => pointer[key] ?? [])
}

/** What is wanted: of what was there already, and what is read for the rest. */
async function completed<T>(
  old: ReadonlyMap<string, T> | undefined,
  wanted: readonly string[],
  read: (ids: string[]) => Promise<Map<string, T>>,
): Promise<Map<string, T>> {
  const fresh = await read(wanted.filter((id) => !old?.has(id)))
  return new Map(
    wanted.flatMap((id) => {
      const value = fresh.get(id) ?? old?.get(id)
      return value === undefined ? [] : [[id, value] as const]
    }),
  )
}

function assemble(
  pointers: readonly CataloguePointer[],
  lineages: ReadonlyMap<string, ColumnLineage>,
  facts: ReadonlyMap<string, ColumnFacts>,
): ColumnCatalogue {
  const current = pointers.flatMap(({ id, lineageId }) => {
    const lineage = lineages.get(lineageId ?? "")
    return lineage ? [[id, lineage] as const] : []
  })
  const graph = indexGraph(readersLast(new Map(current)), new Map(), [])
  const tagged = pointers.flatMap(({ id, documentId }) =>
    (facts.get(documentId ?? "")?.tagged ?? []).flatMap(({ column, tags }) =>
      tags.filter(isSensitiveTag).map((tag) => ({ relation: id, column, tag })),
    ),
  )
  const bookkeeping = new Map(
    pointers.flatMap(({ id, documentId }) => {
      const names = facts.get(documentId ?? "")?.bookkeeping ?? []
      return names.length === 0 ? [] : [[id, new Set(names)] as const]
    }),
  )
  const factsOf = ({ documentId }: CataloguePointer) => facts.get(documentId ?? "")
  const cleared = new Set(
    pointers.flatMap((pointer) =>
      (factsOf(pointer)?.cleared ?? []).map((column) => keyOf({ relation: pointer.id, column })),
    ),
  )
  return {
    graph,
    tagged,
    reached: propagateTags(graph, tagged, (column) => cleared.has(keyOf(column))),
    sensitive: new Set(pointers.filter((pointer) => factsOf(pointer)?.isSensitive).map(({ id }) => id)),
    cleared,
    bookkeeping,
    exposures: exposuresOf(pointers, facts),
  }
}

function exposuresOf(
  pointers: readonly CataloguePointer[],
  facts: ReadonlyMap<string, ColumnFacts>,
): Map<string, Exposure> {
  const found = new Map<string, Exposure>()
  for (const { id, documentId } of pointers) {
    for (const exposure of facts.get(documentId ?? "")?.exposures ?? []) {
      const known = found.get(exposure.id)
      found.set(exposure.id, { ...exposure, reads: [...(known?.reads ?? []), id] })
    }
  }
  return found
}
