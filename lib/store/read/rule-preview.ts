import type { RulePreview } from "../../contracts/api/alerts.ts"
import { type AlertMatch, matchesSubject } from "../../domain/alert-match.ts"
import { type AlertCondition, type AlertConditionOf, compareMetric, judgeDuration } from "../../domain/alert-rule.ts"
import { assertNever } from "../../domain/assert-never.ts"
import type { Queryable } from "../transaction.ts"
import { toInstant } from "./instant.ts"

const DAYS = 7
/** Rows of the past that are looked at; a busier installation is shown its newest part. */
const LIMIT = 20_000
const EXAMPLES = 5

interface Fired {
  at: Date
  what: string
  pipelineId: string | null
  datasetId: string | null
  owner: string | null
  tags: string[]
}

/**
 * How often a rule would have found something in the last seven days, by what is stored of them. Durations for which
 * something must hold are not counted in: it is how often it began.
 */
export async function previewRule(
  queryable: Queryable,
  rule: { condition: AlertCondition; match: AlertMatch },
): Promise<RulePreview> {
  const fired = await readFired(queryable, rule.condition)
  const matching = fired?.filter((one) => matchesSubject(rule.match, one)) ?? null
  return {
    days: DAYS,
    times: matching?.length ?? null,
    examples: (matching ?? []).slice(0, EXAMPLES).map(({ at, what }) => ({ at: toInstant(at), what })),
  }
}

/** Newest first; null where the past is not kept. */
async function readFired(queryable: Queryable, condition: AlertCondition): Promise<Fired[] | null> {
  switch (condition.kind) {
    case "pipeline_failure":
      return readFailures(queryable, condition)
    case "quality_below":
      return readFalls(queryable, condition)
    case "check_failure":
      return readFailedChecks(queryable, condition)
    case "anomaly":
      return readAnomalies(queryable, condition)
    case "duration_anomaly":
      return readDurations(queryable, condition)
    case "deadline_missed":
      return readMissed(queryable)
    case "metric":
      return readMeasured(queryable, condition)
    case "freshness_breach":
      return readBreaches(queryable, condition)
    case "queue_backlog":
    case "worker_lost":
      return null
    default:
      return assertNever(condition)
  }
}

const PIPELINE = `r.pipeline_id as "pipelineId", null as "datasetId", p.owner, p.tags`
const DATASET = `null as "pipelineId", d.id as "datasetId", coalesce(q.policy ->> 'owner', d.owner) as owner,
  d.tags || array(select jsonb_array_elements_text(coalesce(q.policy -> 'tags', '[]'))) as tags`
const OF_DATASET = "left join dataset_policy q on q.dataset_id = d.id"

async function readFailures(queryable: Queryable, condition: AlertConditionOf<"pipeline_failure">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired>(
    `select r.finished_at as at, r.pipeline_id || ' run ' || r.id as what, ${PIPELINE}
     from (
       select * from run where state = 'failed' order by id desc limit ${LIMIT}
     ) r
     join pipeline p on p.id = r.pipeline_id
     where r.finished_at > now() - make_interval(days => ${DAYS}) and ($1 or r.kind <> 'backfill')
       and ($2::text[] = '{}' or exists (
         select from attempt a where a.run_id = r.id and a.failure ->> 'kind' = any ($2::text[])))
     order by r.id desc`,
    [condition.withBackfills, condition.errorKinds],
  )
  return rows
}

/** A state that bad after one that was not. */
async function readBreaches(queryable: Queryable, condition: AlertConditionOf<"freshness_breach">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired>(
    `with judged as (
       select f.*, lag(f.state) over (partition by f.dataset_id order by f.from_at, f.id) as before
       from freshness_interval f
       where f.to_at is null or f.to_at > now() - make_interval(days => ${DAYS})
     )
     select f.from_at as at, d.id || ' ' || f.state as what, ${DATASET}
     from judged f
     join dataset d on d.id = f.dataset_id
     ${OF_DATASET}
     where f.from_at > now() - make_interval(days => ${DAYS})
       and f.state = any ($1::text[]) and coalesce(f.before, 'fresh') <> all ($1::text[])
     order by f.id desc
     limit ${LIMIT}`,
    [condition.level === "warn" ? ["warn", "error"] : ["error"]],
  )
  return rows
}

/** A score below the bound after one that was not. */
async function readFalls(queryable: Queryable, condition: AlertConditionOf<"quality_below">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired>(
    `with scored as (
       select s.*, lag(s.score) over (partition by s.dataset_id order by s.id) as before
       from quality_score s
       where s.dimension = $1 and s.at > now() - make_interval(days => ${DAYS})
     )
     select s.at, d.id || ' at ' || round(s.score::numeric, 1) as what, ${DATASET}
     from scored s
     join dataset d on d.id = s.dataset_id
     ${OF_DATASET}
     where s.score < $2 and coalesce(s.before, 100) >= $2
     order by s.id desc
     limit ${LIMIT}`,
    [condition.dimension, condition.below],
  )
  return rows
}

async function readFailedChecks(queryable: Queryable, condition: AlertConditionOf<"check_failure">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired>(
    `with judged as (
       select c.*, lag(c.passed) over (partition by c.dataset_id, c.name order by c.id) as before
       from check_result c
       left join run r on r.id = c.run_id
       where c.at > now() - make_interval(days => ${DAYS}) and (c.run_id is null or r.state = 'success')
         and ($1 = 'warn' or c.severity = 'error')
     )
     select c.at, d.id || ': ' || c.name as what, ${DATASET}
     from judged c
     join dataset d on d.id = c.dataset_id
     ${OF_DATASET}
     where not c.passed and coalesce(c.before, true)
     order by c.id desc
     limit ${LIMIT}`,
    [condition.level],
  )
  return rows
}

async function readAnomalies(queryable: Queryable, condition: AlertConditionOf<"anomaly">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired>(
    `select a.at, d.id || ': ' || a.metric as what, ${DATASET}
     from anomaly a
     join dataset d on d.id = a.dataset_id
     ${OF_DATASET}
     where a.at > now() - make_interval(days => ${DAYS}) and ($1::text[] = '{}' or a.metric = any ($1))
       and ($2 = 'warn' or a.severity = 'error')
     order by a.id desc
     limit ${LIMIT}`,
    [condition.metrics, condition.level],
  )
  return rows
}

async function readDurations(queryable: Queryable, condition: AlertConditionOf<"duration_anomaly">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired & { id: string; seconds: number }>(
    `select r.id, r.finished_at as at, r.pipeline_id || ' run ' || r.id as what,
            extract(epoch from r.finished_at - r.started_at)::float8 as seconds, ${PIPELINE}
     from (
       select * from run where state = 'success' and started_at is not null order by id desc limit ${LIMIT}
     ) r
     join pipeline p on p.id = r.pipeline_id
     where r.finished_at > now() - make_interval(days => $1)
     order by r.id`,
    [DAYS + condition.days],
  )
  const since = Date.now() - DAYS * 86_400_000
  const earlier = new Map<string, { at: number; seconds: number }[]>()
  const fired: Fired[] = []
  for (const row of rows) {
    const known = earlier.get(row.pipelineId!) ?? []
    const from = row.at.getTime() - condition.days * 86_400_000
    const usual = known.filter(({ at }) => at > from).slice(-200)
    if (row.at.getTime() >= since) {
      const judged = judgeDuration(
        row.seconds,
        usual.map(({ seconds }) => seconds),
        condition,
      )
      if (judged?.isUnusual) fired.push(row)
    }
    usual.push({ at: row.at.getTime(), seconds: row.seconds })
    earlier.set(row.pipelineId!, usual)
  }
  return fired.reverse()
}

async function readMissed(queryable: Queryable): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired>(
    `select r.missed_at as at, r.pipeline_id || ': ' || r.key as what, ${PIPELINE}
     from deadline r
     join pipeline p on p.id = r.pipeline_id
     where r.state in ('missed', 'late') and r.missed_at > now() - make_interval(days => ${DAYS})
     order by r.id desc
     limit ${LIMIT}`,
  )
  return rows
}

async function readMeasured(queryable: Queryable, condition: AlertConditionOf<"metric">): Promise<Fired[]> {
  const { rows } = await queryable.query<Fired & { value: number; before: number | null }>(
    `select m.at, d.id || ' at ' || round(m.value::numeric, 3) as what, m.value, m.before, ${DATASET}
     from (
       select m.*, lag(m.value) over (partition by m.dataset_id order by m.at, m.id) as before
       from metric_point m
       where m.metric = $1 and m.column_name = $2 and m.at > now() - make_interval(days => ${DAYS})
     ) m
     join dataset d on d.id = m.dataset_id
     ${OF_DATASET}
     order by m.at desc
     limit ${LIMIT}`,
    [condition.metric, condition.column],
  )
  const holds = (value: number) => compareMetric(value, condition.operator, condition.value)
  return rows.filter(({ value, before }) => holds(value) && (before === null || !holds(before)))
}
