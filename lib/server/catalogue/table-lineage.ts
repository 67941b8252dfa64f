import type pg from "pg"
import type { LineageGraph, LineageNode, LineageQuery } from "#lib/contracts/api/lineage.ts"
import { AppError } from "#lib/domain/errors.ts"
import {
  isKnownDataset,
  type NodeFacts,
  readNodeFacts,
  readTableEdges,
  type TableEdge,
} from "#lib/store/read/lineage.ts"
import {
  notKnownAt,
  type PastMoment,
  readMoment,
  readPastEdges,
  readPastNodeFacts,
  readPastPointers,
} from "#lib/store/read/past-lineage.ts"
import {
  type ColumnCatalogue,
  columnCatalogue,
  type Exposure,
  pastCatalogue,
  sensitiveColumns,
} from "./column-catalogue.ts"

/**
 * Datasets and what they are made from, around one or all of them; now, or as of a version.
 * @throws AppError `dataset.not_found`; with a version also `dataset.version_not_found`, `pipeline.version_not_found`
 */
export async function readTableLineage(pool: pg.Pool, query: LineageQuery): Promise<LineageGraph> {
  const { tables, catalogue, readFacts, requireDataset } = await estateOf(pool, query)
  const { exposures } = catalogue
  const edges = [
    ...tables,
    ...[...exposures.values()].flatMap(({ id, reads }) => reads.map((from) => ({ from, to: id }))),
  ]
  const up = neighbours(edges, "to", "from")
  const down = neighbours(edges, "from", "to")
  const { dataset } = query
  if (dataset !== undefined && !up.has(dataset) && !down.has(dataset)) await requireDataset(dataset)
  const distances = dataset === undefined ? everything(edges) : around(dataset, query, up, down)
  const facts = await readFacts([...distances.keys()])
  const sensitive = sensitiveColumns(catalogue)
  const missing = (ids: readonly string[] | undefined) => (ids ?? []).filter((id) => !distances.has(id)).length
  return {
    nodes: [...distances].map(([id, distance]) => ({
      ...nodeOf(id, facts.get(id), exposures.get(id)),
      sensitiveColumns: sensitive.get(id)?.size ?? 0,
      distance,
      moreUpstream: missing(up.get(id)),
      moreDownstream: missing(down.get(id)),
    })),
    edges: edges.filter(({ from, to }) => distances.has(from) && distances.has(to)),
  }
}

/** What the graph is drawn from. */
interface Estate {
  tables: readonly TableEdge[]
  catalogue: ColumnCatalogue
  readFacts: (ids: readonly string[]) => Promise<Map<string, NodeFacts>>
  /** Throws where the dataset is not known. */
  requireDataset: (id: string) => Promise<void>
}

async function estateOf(pool: pg.Pool, { dataset, version, pipeline }: LineageQuery): Promise<Estate> {
  if (version !== undefined) return pastEstate(pool, await readMoment(pool, { dataset, pipeline, version }))
  const [tables, catalogue] = await Promise.all([readTableEdges(pool), columnCatalogue(pool)])
  return {
    tables,
    catalogue,
    readFacts: (ids) => readNodeFacts(pool, ids),
    requireDataset: async (id) => {
      if (await isKnownDataset(pool, id)) return
      throw new AppError("dataset.not_found", `There is no dataset ${id}; names read warehouse.schema.table.`)
    },
  }
}

async function pastEstate(pool: pg.Pool, moment: PastMoment): Promise<Estate> {
  const pointers = await readPastPointers(pool, moment)
  const byId = new Map(pointers.map((pointer) => [pointer.id, pointer]))
  const [tables, catalogue] = await Promise.all([readPastEdges(pool, moment, pointers), pastCatalogue(pool, pointers)])
  return {
    tables,
    catalogue,
    readFacts: (ids) =>
      readPastNodeFacts(
        pool,
        ids.flatMap((id) => byId.get(id) ?? []),
      ),
    requireDataset: async (id) => {
      if (!byId.has(id)) throw notKnownAt(id, moment)
    },
  }
}

/** Ids of what lies behind a dataset, nearest first, without itself. */
export function downstreamOf(edges: readonly TableEdge[], dataset: string): string[] {
  const reached = new Map([[dataset, 0]])
  walk(dataset, neighbours(edges, "from", "to"), Number.POSITIVE_INFINITY, 1, reached)
  reached.delete(dataset)
  return [...reached.keys()]
}

function neighbours(edges: readonly TableEdge[], of: "from" | "to", to: "from" | "to"): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const edge of edges) {
    const list = found.get(edge[of])
    if (list) list.push(edge[to])
    else found.set(edge[of], [edge[to]])
  }
  return found
}

type Neighbours = ReadonlyMap<string, readonly string[]>

function everything(edges: readonly TableEdge[]): Map<string, number> {
  return new Map(edges.flatMap(({ from, to }) => [from, to]).map((id) => [id, 0]))
}

function around(
  dataset: string,
  { depth, direction }: LineageQuery,
  up: Neighbours,
  down: Neighbours,
): Map<string, number> {
  const distances = new Map([[dataset, 0]])
  if (direction !== "down") walk(dataset, up, depth, -1, distances)
  if (direction !== "up") walk(dataset, down, depth, 1, distances)
  return distances
}

/** Breadth first, so that what is found first has the shortest way. */
function walk(start: string, next: Neighbours, depth: number, sign: 1 | -1, distances: Map<string, number>): void {
  let front = [start]
  for (let step = 1; step <= depth && front.length > 0; step++) {
    const following: string[] = []
    for (const id of front) {
      for (const neighbour of next.get(id) ?? []) {
        if (distances.has(neighbour)) continue
        distances.set(neighbour, step * sign)
        following.push(neighbour)
      }
    }
    front = following
  }
}

type Node = Omit<LineageNode, "sensitiveColumns" | "distance" | "moreUpstream" | "moreDownstream">

function nodeOf(id: string, facts: NodeFacts | undefined, exposure: Exposure | undefined): Node {
  if (facts) return { ...facts, url: null }
  const { type = null, description = "", owner = null, url = null } = exposure ?? {}
  const kind = exposure ? "exposure" : "outside"
  const nothing = { tags: [], isTraced: false, pipelineId: null, taskId: null }
  return { id, kind, materialized: type, description, owner, url, ...nothing }
}
