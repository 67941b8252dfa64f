import type pg from "pg"
import type {
  ColumnImpact,
  ColumnQuery,
  ColumnRef,
  ColumnTrail,
  ReachedColumnView,
} from "#lib/contracts/api/lineage.ts"
import { keyOf } from "#lib/models/lineage/column-key.ts"
import type { ColumnId } from "#lib/models/lineage/column-lineage.ts"
import { impactOf, type ReachedColumn, traceDownstream, traceUpstream } from "#lib/models/lineage/impact.ts"
import type { ColumnGraph } from "#lib/models/lineage/index-graph.ts"
import { readTableEdges } from "#lib/store/read/lineage.ts"
import { readMoment, readPastPointers } from "#lib/store/read/past-lineage.ts"
import { type ColumnCatalogue, columnCatalogue, pastCatalogue } from "./column-catalogue.ts"
import { downstreamOf } from "./table-lineage.ts"

/**
 * Where a column's values come from and where they go, with every step between; now, or as of a version. Empty for what
 * nothing is known of. @throws AppError with a version as `readMoment`
 */
export async function readColumnTrail(pool: pg.Pool, query: ColumnQuery): Promise<ColumnTrail> {
  const { dataset, column } = query
  const { graph } = await catalogueFor(pool, query)
  const start = { relation: dataset, column }
  const upstream = traceUpstream(graph, start)
  const downstream = traceDownstream(graph, start)
  const lineage = graph.lineages.get(dataset)
  return {
    upstream: upstream.map(toView),
    downstream: downstream.map(toView),
    edges: [...stepsInto(graph, [start, ...upstream]), ...stepsOutOf(graph, [start, ...downstream])],
    rows: group(graph.rowsDecidedBy(start), ({ into }) => into).map(([into, edges]) => ({
      dataset: into,
      kinds: [...new Set(edges.map(({ kind }) => kind))],
    })),
    decidedBy: group(lineage?.rows ?? [], keyOf).map(([, rows]) => ({
      ...toRef(rows[0]!),
      kinds: [...new Set(rows.map(({ kind }) => kind))],
    })),
    gaps: lineage?.gaps ?? [],
    isTraced: lineage !== undefined,
  }
}

async function catalogueFor(pool: pg.Pool, { dataset, pipeline, version }: ColumnQuery): Promise<ColumnCatalogue> {
  if (version === undefined) return columnCatalogue(pool)
  const moment = await readMoment(pool, { dataset, pipeline, version })
  return pastCatalogue(pool, await readPastPointers(pool, moment))
}

/** What a change of a column reaches, and what breaks if it goes. */
export async function readColumnImpact(pool: pg.Pool, { dataset, column }: ColumnRef): Promise<ColumnImpact> {
  const [{ graph, exposures }, edges] = await Promise.all([columnCatalogue(pool), readTableEdges(pool)])
  const impact = impactOf(graph, { relation: dataset, column })
  const touched = new Set([dataset, ...impact.breaks, ...impact.stale])
  return {
    breaks: impact.breaks,
    vanishes: impact.vanishes.map(toRef),
    stale: impact.stale,
    values: impact.values.map(toView),
    rows: impact.rows.map(({ model, kinds }) => ({ dataset: model, kinds })),
    rowsThrough: impact.rowsThrough,
    unknown: downstreamOf(edges, dataset).filter((id) => !graph.lineages.has(id)),
    exposures: [...exposures.values()].filter(({ reads }) => reads.some((id) => touched.has(id))),
  }
}

type Step = ColumnTrail["edges"][number]

function stepsInto(graph: ColumnGraph, columns: readonly ColumnId[]): Step[] {
  return columns.flatMap((to) =>
    graph.upstream(to).map(({ influence, anonymisedBy, ...from }) => ({
      from: toRef(from),
      to: toRef(to),
      influence,
      anonymisedBy,
    })),
  )
}

function stepsOutOf(graph: ColumnGraph, columns: readonly ColumnId[]): Step[] {
  return columns.flatMap((from) =>
    graph.downstream(from).map(({ influence, anonymisedBy, into }) => ({
      from: toRef(from),
      to: toRef(into),
      influence,
      anonymisedBy,
    })),
  )
}

function toRef({ relation, column }: ColumnId): ColumnRef {
  return { dataset: relation, column }
}

function toView({ relation, column, influence, distance }: ReachedColumn): ReachedColumnView {
  return { dataset: relation, column, influence, distance }
}

function group<T>(values: readonly T[], key: (value: T) => string): [string, T[]][] {
  return [...Map.groupBy(values, key)]
}
