import type { Store } from "../store/client.ts"

/** Rows deleted by one statement: small enough that no lock is held for long. */
const BATCH = 10_000

/**
 * Deletes history older than `days`: ended runs with their task runs, attempts, outputs and logs, and what was recorded
 * beside them. The newest run of each pipeline stays. Runs in batches; may be called from many processes.
 */
export async function applyRetention(store: Store, days: number): Promise<{ runs: number }> {
  let runs = 0
  for (;;) {
    const { rows } = await store.pool.query<{ id: string }>(
      `select r.id from run r
       where r.finished_at < now() - make_interval(days => $1)
         and r.id < (select max(n.id) from run n where n.pipeline_id = r.pipeline_id)
       order by r.id
       limit 100`,
      [days],
    )
    if (rows.length === 0) break
    const ids = rows.map((row) => row.id)
    await store.pool.query(
      "delete from log_line where attempt_id in (select id from attempt where run_id = any ($1::bigint[]))",
      [ids],
    )
    for (const table of ["materialization", "check_result", "quality_score", "event", "notification"]) {
      await store.pool.query(`delete from ${table} where run_id = any ($1::bigint[])`, [ids])
    }
    await store.pool.query("update backfill_slot set run_id = null where run_id = any ($1::bigint[])", [ids])
    const deleted = await store.pool.query("delete from run where id = any ($1::bigint[])", [ids])
    runs += deleted.rowCount ?? 0
  }
  await store.pool.query(
    `delete from idempotency_key where key in
       (select key from idempotency_key where created_at < now() - interval '2 days' limit ${BATCH})`,
  )
  // What was delivered is of interest while somebody may still ask for it again.
  await store.pool.query(
    `delete from webhook_delivery where id in
       (select id from webhook_delivery where at < now() - make_interval(days => least($1, 30)) order by at limit ${BATCH})`,
    [days],
  )
  await store.pool.query(
    `delete from trigger_arrival where id in
       (select id from trigger_arrival where consumed_at < now() - make_interval(days => $1) limit ${BATCH})`,
    [days],
  )
  await store.pool.query(
    `delete from deadline where id in
       (select id from deadline where state <> 'pending' and due_at < now() - make_interval(days => $1) limit ${BATCH})`,
    [days],
  )
  // The board looks back 30 days.
  await store.pool.query(
    `delete from freshness_interval where id in
       (select id from freshness_interval where to_at < now() - make_interval(days => greatest($1, 31)) limit ${BATCH})`,
    [days],
  )
  await store.pool.query(
    `delete from incident where id in
       (select id from incident where state = 'resolved' and resolved_at < now() - make_interval(days => $1) limit ${BATCH})`,
    [days],
  )
  await store.pool.query(
    `delete from alert_delivery where id in
       (select id from alert_delivery
        where created_at < now() - make_interval(days => $1) and state <> 'pending' order by created_at limit ${BATCH})`,
    [days],
  )
  await store.pool.query("delete from maintenance_window where ends_at < now() - make_interval(days => $1)", [days])
  await store.pool.query("delete from signal where refused is not null and at < now() - make_interval(days => $1)", [
    days,
  ])
  await deleteMeasurements(store, days)
  await store.pool.query("delete from worker where state = 'gone' and heartbeat_at < now() - interval '7 days'")
  return { runs }
}

/** Measurements are many; anomalies and changed columns, which tell of them, are few. An open anomaly stays. */
async function deleteMeasurements(store: Store, days: number): Promise<void> {
  for (;;) {
    const { rowCount } = await store.pool.query(
      `delete from metric_point where id in
         (select id from metric_point where at < now() - make_interval(days => $1) and state <> 'new' order by at limit ${BATCH})`,
      [days],
    )
    if ((rowCount ?? 0) < BATCH) break
  }
  await store.pool.query(
    `delete from anomaly where id in
       (select id from anomaly where closed_at < now() - make_interval(days => $1) limit ${BATCH})`,
    [days],
  )
  await store.pool.query(
    `delete from schema_change where id in
       (select id from schema_change where state = 'told' and at < now() - make_interval(days => $1) limit ${BATCH})`,
    [days],
  )
}
