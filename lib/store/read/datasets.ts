import type { Page } from "../../contracts/api/common.ts"
import type { DatasetDetail, DatasetSummary } from "../../contracts/api/datasets.ts"
import type { DatasetDocument } from "../../contracts/dataset-document.ts"
import { AppError } from "../../domain/errors.ts"
import type { Queryable } from "../transaction.ts"
import { type CheckRow, toCheckResult } from "./check-results.ts"
import { CHECK_COLUMNS, CURRENT_CHECKS } from "./current-checks.ts"
import { decodeCursor, NAME_KEY, toPage } from "./cursor.ts"
import { DESCRIBED, DESCRIBED_JOINS } from "./described.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"
import { MATERIALIZATION_COLUMNS, type MaterializationRow, toMaterializationView } from "./materialization-view.ts"
import { readPartitionStates } from "./partition-states.ts"

const MATERIALIZATIONS = 100
const SCORES = 100

/** A dataset without what follows from the lineage of all columns (lib/server/catalogue). */
export type StoredSummary = Omit<DatasetSummary, "sensitiveColumns">
export interface StoredDetail extends Omit<DatasetDetail, "columns" | "definition" | "sensitiveColumns"> {
  /** As the database had them. */
  columns: { name: string; type: string }[]
  document: DatasetDocument | null
}

/** Datasets by name. */
export async function listDatasets(
  queryable: Queryable,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<StoredSummary>> {
  const after = query.cursor ? decodeCursor(query.cursor, NAME_KEY) : ""
  const { rows } = await queryable.query<DatasetRow>(
    `with recursive chosen_dataset as materialized (
       select * from dataset where id > $1 order by id limit $2
     ), ${CURRENT_CHECKS}
     select ${SUMMARY_COLUMNS}
     from chosen_dataset d
     ${SUMMARY_JOINS}
     order by d.id`,
    [after, query.limit + 1],
  )
  return toPage(rows, query.limit, toSummary, (row) => row.id)
}

/** @throws AppError `dataset.not_found`. */
export async function readDataset(queryable: Queryable, id: string): Promise<StoredDetail> {
  const { rows } = await queryable.query<DatasetRow & DetailRow>(
    `with recursive chosen_dataset as materialized (
       select * from dataset where id = $1
     ), ${CURRENT_CHECKS}
     select ${SUMMARY_COLUMNS}, d.columns, document.document, compiled.*,
            watermark.list as watermarks, dimension.list as scores, history.list as "scoreHistory"
     from chosen_dataset d
     ${SUMMARY_JOINS}
     left join lateral (
       select dv.compiled_sql as "compiledSql", dv.compiled_at as "compiledAt", dv.run_id::text as "compiledBy",
              dv.problem, pv.version
       from dataset_version dv
       join pipeline_version pv on pv.id = dv.version_id
       where dv.dataset_id = d.id and dv.compiled_at is not null
       order by dv.compiled_at desc
       limit 1
     ) compiled on true
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('source', w.source, 'column', w."column", 'value', w.value,
                'updatedAt', w.updated_at) order by w.source), '[]') as list
       from watermark w
       where w.dataset_id = d.id
     ) watermark
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('dimension', wanted.name, 'score', s.score, 'checks', s.checks)), '[]') as list
       from unnest(array['overall', 'completeness', 'validity', 'uniqueness', 'consistency', 'timeliness', 'volume'])
         as wanted (name)
       cross join lateral (
         select score, checks from quality_score q
         where q.dataset_id between d.id and d.id and q.dimension between wanted.name and wanted.name
         order by q.dataset_id, q.dimension, q.id desc
         limit 1
       ) s
     ) dimension
     cross join lateral (
       select coalesce(jsonb_agg(jsonb_build_object('at', s.at, 'score', s.score, 'runId', s.run_id::text) order by s.id), '[]') as list
       from (select * from quality_score q where q.dataset_id between d.id and d.id and q.dimension = 'overall'
             order by q.dataset_id, q.id desc limit $2) s
     ) history`,
    [id, SCORES],
  )
  const row = rows[0]
  if (!row) throw new AppError("dataset.not_found", `There is no dataset ${id}; names read warehouse.schema.table.`)
  const [materializations, checks, partitions] = await Promise.all([
    readMaterializations(queryable, id),
    readChecks(queryable, id),
    readPartitionStates(queryable, id),
  ])
  return {
    ...toSummary(row),
    columns: row.columns,
    document: row.document,
    compiled:
      row.compiledSql === null
        ? null
        : {
            sql: row.compiledSql,
            at: toInstant(row.compiledAt!),
            runId: row.compiledBy,
            version: row.version!,
            problem: row.problem,
          },
    partitions,
    watermarks: row.watermarks.map((watermark) => ({ ...watermark, updatedAt: toInstant(watermark.updatedAt) })),
    materializations,
    checks,
    scores: row.scores,
    scoreHistory: row.scoreHistory.map((score) => ({ ...score, at: toInstant(score.at) })),
  }
}

async function readMaterializations(queryable: Queryable, id: string): Promise<DatasetDetail["materializations"]> {
  const { rows } = await queryable.query<MaterializationRow>(
    `select ${MATERIALIZATION_COLUMNS}
     from (select * from materialization where dataset_id = $1 order by id desc limit $2) m
     left join attempt a on a.id = m.attempt_id
     left join task_run t on t.id = a.task_run_id
     order by m.id desc`,
    [id, MATERIALIZATIONS],
  )
  return rows.map((row) => ({ ...toMaterializationView(row), runId: row.runId }))
}

async function readChecks(queryable: Queryable, id: string): Promise<DatasetDetail["checks"]> {
  const { rows } = await queryable.query<CheckRow>(
    `with recursive chosen_dataset as (select $1::text as id), ${CURRENT_CHECKS}
     select ${CHECK_COLUMNS} from current_check c order by c.passed, c.name`,
    [id],
  )
  return rows.map(toCheckResult)
}

const SUMMARY_COLUMNS = `
  d.id, ${DESCRIBED}, d.row_count::float8 as "rowCount", overall.score,
  coalesce(failing.n, 0) as "checksFailing", d.updated_at as "updatedAt", d.pipeline_id as "pipelineId",
  d.task_id as "taskId"`

// `between … and` instead of `=` as in pipelines.ts: the order then needs (dataset_id, dimension, id).
const SUMMARY_JOINS = `
  ${DESCRIBED_JOINS}
  left join lateral (
    select q.score from quality_score q
    where q.dataset_id between d.id and d.id and q.dimension = 'overall'
    order by q.dataset_id, q.id desc
    limit 1
  ) overall on true
  left join (
    select c.dataset_id, count(*)::int as n from current_check c where not c.passed group by c.dataset_id
  ) failing on failing.dataset_id = d.id`

type DatasetRow = Omit<StoredSummary, "updatedAt"> & { updatedAt: Date | null }
interface DetailRow extends Pick<StoredDetail, "columns" | "document" | "watermarks" | "scores" | "scoreHistory"> {
  compiledSql: string | null
  compiledAt: Date | null
  compiledBy: string | null
  problem: string | null
  version: number | null
}

function toSummary(row: DatasetRow): StoredSummary {
  return {
    id: row.id,
    description: row.description,
    owner: row.owner,
    tags: row.tags,
    kind: row.kind,
    materialized: row.materialized,
    rowCount: row.rowCount,
    score: row.score,
    checksFailing: row.checksFailing,
    updatedAt: toInstantOrNull(row.updatedAt),
    pipelineId: row.pipelineId,
    taskId: row.taskId,
  }
}
