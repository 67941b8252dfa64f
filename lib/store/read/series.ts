import type {
  Series,
  SeriesList,
  SeriesName,
  SeriesPointView,
  SeriesQuery,
  SeriesSummary,
} from "../../contracts/api/series.ts"
import type { AnomaliesSection } from "../../contracts/quality/anomalies-section.ts"
import { type WatchRule, watchRule } from "../../contracts/quality/watched-series.ts"
import { expectedBand, type SeriesPoint } from "../../domain/anomaly/expected-band.ts"
import { ruleText } from "../../domain/anomaly/judge-point.ts"
import { unitOf } from "../../domain/anomaly/metric.ts"
import { partitionPosition } from "../../domain/anomaly/partition-position.ts"
import { cadenceMs } from "../../domain/anomaly/season.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

/** A series goes by partitions where its keys have a time; loads of several partitions at once are in none. */
const KIND = `case when p.partition_key is null then 'table' when p.partition_key ~ '^\\d{4}-' then 'partitions' else 'key' end`
const KEY = `case when p.partition_key ~ '^\\d{4}-' then split_part(p.partition_key, '|', 2) else coalesce(p.partition_key, '') end`

/**
 * What is measured of a dataset, those of the table first.
 * @throws AppError `dataset.not_found`
 */
export async function listSeries(queryable: Queryable, datasetId: string): Promise<SeriesList> {
  const section = await readSection(queryable, datasetId)
  const { rows } = await queryable.query<SeriesName & { points: number; lastAt: Date; openAnomalies: number }>(
    `select s.*, coalesce(o.count, 0)::int as "openAnomalies"
     from (
       select p.metric, p.column_name as "column", ${KIND} as kind, ${KEY} as key, count(*)::int as points, max(p.at) as "lastAt"
       from metric_point p
       where p.dataset_id = $1 and (p.partition_key is null or p.partition_key !~ '\\.\\.')
       group by 1, 2, 3, 4
     ) s
     left join (
       select p.metric, p.column_name, ${KIND} as kind, ${KEY} as key, count(*) as count
       from anomaly p where p.dataset_id = $1 and p.state = 'open'
       group by 1, 2, 3, 4
     ) o on o.metric = s.metric and o.column_name = s."column" and o.kind = s.kind and o.key = s.key
     order by s."column", s.metric, s.kind, s.key`,
    [datasetId],
  )
  return {
    items: rows
      .map(
        (row): SeriesSummary => ({
          ...row,
          unit: unitOf(row.metric),
          lastAt: toInstant(row.lastAt),
          isWatched: watchRule(section, row.metric, row.column) !== null,
        }),
      )
      .sort((a, b) => rank(a) - rank(b)),
  }
}

/** What people ask for first. */
function rank({ metric, column }: SeriesName): number {
  if (column !== "") return 3
  return metric === "row_count" ? 0 : metric === "rows" ? 1 : 2
}

type PointRow = Omit<SeriesPointView, "at" | "time"> & { at: Date }

/**
 * One series as it was judged, and what is expected next.
 * @throws AppError `dataset.not_found`
 */
export async function readSeries(queryable: Queryable, datasetId: string, query: SeriesQuery): Promise<Series> {
  const { metric, column, kind, key, limit } = query
  const section = await readSection(queryable, datasetId)
  const rows = await readPoints(queryable, datasetId, { ...query, limit: limit + 1 })
  const watch = watchRule(section, metric, column)
  const points = rows.slice(0, limit).toReversed()
  return {
    datasetId,
    metric,
    column,
    kind,
    key,
    unit: unitOf(metric),
    points: points.map((row) => ({
      ...row,
      at: toInstant(row.at),
      time: toInstant(new Date(timeOf(row, kind, section?.timezone ?? "UTC"))),
    })),
    more: rows.length > limit,
    next: watch === null ? null : nextOf(points, kind, watch),
  }
}

/** Newest first. Relies on metric_point_partition and metric_point_dataset_id_metric_column_name_at_idx. */
async function readPoints(queryable: Queryable, datasetId: string, query: SeriesQuery): Promise<PointRow[]> {
  const columns = "p.id, p.at, p.partition_key, p.value, p.state, p.expected, p.lower, p.upper, p.run_id"
  const of = "p.dataset_id = $1 and p.metric = $2 and p.column_name = $3"
  const source = {
    table: `select ${columns} from metric_point p where ${of} and p.partition_key is null and $4 = '' order by p.at desc, p.id desc`,
    key: `select ${columns} from metric_point p where ${of} and p.partition_key = $4 order by p.id desc`,
    partitions: `select distinct on (p.partition_key) ${columns} from metric_point p
       where ${of} and p.partition_key ~ '^\\d{4}-' and p.partition_key !~ '\\.\\.' and split_part(p.partition_key, '|', 2) = $4
       order by p.partition_key desc, p.id desc`,
  }[query.kind]
  const order = query.kind === "partitions" ? "s.partition_key desc" : "s.at desc, s.id desc"
  const { rows } = await queryable.query<PointRow>(
    `select s.id::text, s.at, s.partition_key as "partitionKey", s.value, s.state, s.expected, s.lower, s.upper,
            s.run_id::text as "runId",
            case when a.id is not null
              then jsonb_build_object('id', a.id::text, 'state', a.state, 'lesson', a.lesson) end as anomaly
     from (${source} limit $5) s
     left join anomaly a on a.point_id = s.id
     order by ${order}`,
    [datasetId, query.metric, query.column, query.key, query.limit],
  )
  return rows
}

function nextOf(points: readonly PointRow[], kind: SeriesName["kind"], watch: WatchRule): Series["next"] {
  const history = points
    .filter(({ state }) => state !== "partial")
    .map((point): SeriesPoint => ({ at: timeOf(point, kind, watch.timezone), value: point.value, mark: markOf(point) }))
  const at = nextAt(history, points.at(-1), kind, watch)
  const band = expectedBand(history, at, watch)
  if (band.kind === "learning") {
    return { kind: "learning", missing: band.missing, needed: Math.max(3, watch.minPoints) }
  }
  const { expected, lower, upper } = band
  if (![expected, lower, upper].every(Number.isFinite)) return null
  return { kind: "band", at: toInstant(new Date(at)), expected, lower, upper, rule: ruleText(watch, band) }
}

function timeOf({ at, partitionKey }: PointRow, kind: SeriesName["kind"], timezone: string): number {
  const position = kind === "partitions" ? partitionPosition(partitionKey!, timezone) : null
  return (position?.start ?? at).getTime()
}

function markOf({ state, anomaly }: PointRow): SeriesPoint["mark"] {
  if (anomaly?.state === "fine") return anomaly.lesson === "shift" ? "shift" : "fine"
  return state === "unusual" ? "unusual" : "plain"
}

/** The partition after the last, or about when it is measured next. */
function nextAt(history: readonly SeriesPoint[], last: PointRow | undefined, kind: string, watch: WatchRule): number {
  if (last && kind === "partitions") {
    const position = partitionPosition(last.partitionKey!, watch.timezone)
    if (position) return position.end.getTime()
  }
  return (history.at(-1)?.at ?? 0) + (cadenceMs(history.map(({ at }) => at)) || 0)
}

async function readSection(queryable: Queryable, datasetId: string): Promise<AnomaliesSection | null> {
  const { rows } = await queryable.query<{ section: AnomaliesSection | null }>(
    `select p.policy -> 'anomalies' as section
     from dataset d left join dataset_policy p on p.dataset_id = d.id
     where d.id = $1`,
    [datasetId],
  )
  if (!rows[0]) {
    throw new AppError("dataset.not_found", `There is no dataset ${datasetId}; names read warehouse.schema.table.`)
  }
  return rows[0].section
}
