import type { Page } from "../../contracts/api/common.ts"
import type { CheckResult } from "../../contracts/api/datasets.ts"
import type { DatasetQuality, ScoreHistory } from "../../contracts/api/quality.ts"
import type { Queryable } from "../transaction.ts"
import { type CheckRow, toCheckResult } from "./check-results.ts"
import { CHECK_COLUMNS, CURRENT_CHECKS } from "./current-checks.ts"
import { decodeCursor, ID_KEY, NAME_KEY, toPage } from "./cursor.ts"
import { DESCRIBED, DESCRIBED_JOINS } from "./described.ts"
import { toInstant, toInstantOrNull } from "./instant.ts"

/** Points of the small curve in the list, and of the curves of one dataset. */
const LISTED_SCORES = 30
const SCORES = 200

/** Checked before, or expected something of. A probe of the index each. */
const WATCHED = `
  (exists (select from check_result c where c.dataset_id = d.id)
   or exists (select from dataset_policy p where p.dataset_id = d.id and p.policy ? 'expectations'))`

interface QualityRow extends Omit<DatasetQuality, "checkedAt"> {
  checkedAt: Date | null
}

/** How good datasets are, by name. */
export async function listQuality(
  queryable: Queryable,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<DatasetQuality>> {
  const after = query.cursor ? decodeCursor(query.cursor, NAME_KEY) : ""
  const { rows } = await queryable.query<QualityRow>(
    `with recursive chosen_dataset as materialized (
       select d.* from dataset d where d.id > $1 and ${WATCHED} order by d.id limit $2
     ), ${CURRENT_CHECKS}, counted as (
       select c.dataset_id, count(*)::int as checks, max(c.at) as at,
              count(*) filter (where not c.passed and c.severity = 'error')::int as failing,
              count(*) filter (where not c.passed and c.severity = 'warn')::int as warning,
              count(*) filter (where c.state = 'empty')::int as empty
       from current_check c
       group by c.dataset_id
     )
     select d.id, ${DESCRIBED}, (score.list ->> 'overall')::float8 as score, score.list - 'overall' as dimensions,
            coalesce(n.checks, 0) as checks, coalesce(n.failing, 0) as failing, coalesce(n.warning, 0) as warning,
            coalesce(n.empty, 0) as empty, history.list as history, n.at as "checkedAt"
     from chosen_dataset d
     ${DESCRIBED_JOINS}
     left join counted n on n.dataset_id = d.id
     cross join lateral (
       select coalesce(jsonb_object_agg(wanted.name, s.score), '{}') as list
       from unnest(array['overall', 'completeness', 'validity', 'uniqueness', 'consistency', 'timeliness', 'volume'])
         as wanted (name)
       cross join lateral (
         select score from quality_score q
         where q.dataset_id between d.id and d.id and q.dimension between wanted.name and wanted.name
         order by q.dataset_id, q.dimension, q.id desc
         limit 1
       ) s
     ) score
     cross join lateral (
       select coalesce(jsonb_agg(s.score order by s.id), '[]') as list
       from (select id, score from quality_score q
             where q.dataset_id between d.id and d.id and q.dimension = 'overall'
             order by q.dataset_id, q.id desc limit ${LISTED_SCORES}) s
     ) history
     order by d.id`,
    [after, query.limit + 1],
  )
  const present = ({
    id,
    owner,
    tags,
    score,
    dimensions,
    checks,
    failing,
    warning,
    empty,
    history,
    ...row
  }: QualityRow) => ({
    ...{ id, owner, tags, score, dimensions, checks, failing, warning, empty, history },
    checkedAt: toInstantOrNull(row.checkedAt),
  })
  return toPage(rows, query.limit, present, (row) => row.id)
}

/** The newest result of each check that still exists, newest first. */
export async function listCurrentChecks(
  queryable: Queryable,
  query: { cursor?: string | undefined; limit: number; dataset?: string | undefined; state: "failing" | "all" },
): Promise<Page<CheckResult>> {
  const before = query.cursor ? decodeCursor(query.cursor, ID_KEY) : null
  const { rows } = await queryable.query<CheckRow>(
    `with recursive chosen_dataset as materialized (
       select d.id from dataset d
       where ($1::text is null or d.id = $1) and exists (select from check_result c where c.dataset_id = d.id)
     ), ${CURRENT_CHECKS}
     select ${CHECK_COLUMNS}
     from current_check c
     where ($2::bigint is null or c.id < $2) and (not c.passed or $3)
     order by c.id desc
     limit $4`,
    [query.dataset ?? null, before, query.state === "all", query.limit + 1],
  )
  return toPage(rows, query.limit, toCheckResult, (row) => row.id)
}

/** Scores of a dataset over time by dimension, oldest first: what was recorded together is one point. */
export async function readScoreHistory(queryable: Queryable, datasetId: string): Promise<ScoreHistory> {
  const { rows } = await queryable.query<{ at: Date; scores: Record<string, number> }>(
    `select at, jsonb_object_agg(dimension, score) as scores
     from (
       select q.at, q.dimension, q.score
       from unnest(array['overall', 'completeness', 'validity', 'uniqueness', 'consistency', 'timeliness', 'volume'])
         as wanted (name)
       cross join lateral (
         select * from quality_score q
         where q.dataset_id between $1 and $1 and q.dimension between wanted.name and wanted.name
         order by q.dataset_id, q.dimension, q.id desc
         limit ${SCORES}
       ) q
     ) newest
     group by at
     order by at desc
     limit ${SCORES}`,
    [datasetId],
  )
  const policy = await queryable.query<{ weights: ScoreHistory["weights"] | null }>(
    "select policy #> '{expectations,weights}' as weights from dataset_policy where dataset_id = $1",
    [datasetId],
  )
  const items = rows.reverse().map(({ at, scores: { overall, ...dimensions } }) => ({
    at: toInstant(at),
    overall: overall ?? null,
    dimensions,
  }))
  return { items, weights: policy.rows[0]?.weights ?? {} }
}
