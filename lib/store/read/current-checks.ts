/**
 * CTEs that end in `current_check`: the newest result of each check that still exists, of the datasets in `chosen_dataset`
 * (a CTE with `id`, which the caller puts first). One probe of (dataset_id, name, id desc) a check, whatever the length of
 * the history. A check is taken as removed when its task, or the monitor, has since checked the dataset without it.
 */
export const CURRENT_CHECKS = `
  newest as (
    select first.*
    from chosen_dataset d
    cross join lateral (
      select c.dataset_id, c.name, c.id
      from check_result c
      where c.dataset_id = d.id
      order by c.name, c.id desc
      limit 1
    ) first
    union all
    select following.*
    from newest n
    cross join lateral (
      select c.dataset_id, c.name, c.id
      from check_result c
      where c.dataset_id = n.dataset_id and c.name > n.name
      order by c.name, c.id desc
      limit 1
    ) following
  ), current_check as (
    select c.*
    from (
      select c.*, max(c.attempt_id) over (partition by c.dataset_id, t.pipeline_id, t.task_id) as last_attempt_id,
             max(c.at) over (partition by c.dataset_id, c.run_id is null) as last_at
      from newest n
      join check_result c on c.id = n.id
      left join attempt a on a.id = c.attempt_id
      left join task_run t on t.id = a.task_run_id
    ) c
    -- What a monitor found in one look has one time.
    where case when c.run_id is null then c.at = c.last_at else c.attempt_id = c.last_attempt_id end
  )`

/** Of `check_result c`. */
export const CHECK_COLUMNS = `
  c.id, c.run_id as "runId", c.at, c.dataset_id as dataset, c.name, c.kind, c.column_name as "column", c.dimension,
  c.severity, c.passed, c.rows_checked::float8 as "rowsChecked", c.rows_failed::float8 as "rowsFailed", c.observed,
  c.message,
  coalesce(c.state, case when c.passed then 'passed' else 'failed' end) as state, c.partition_key as "partitionKey", c.details,
  coalesce(jsonb_array_length(case jsonb_typeof(c.samples) when 'array' then c.samples end), 0) > 0 as "hasSamples"`
