import type pg from "pg"
import type { TaskResult } from "#lib/contracts/task-result.ts"

/** Who publishes: one execution of a task, in the try that `token` stands for. */
export interface Execution {
  /**
   * Same for all tries of one execution, another after a person cleared or retried it, and for every other execution
   * that this warehouse ever sees.
   */
  executionKey: string
  /** The attempt's id; larger for later attempts. */
  token: string
  runId: string
  taskId: string
  partitionKey: string | null
}

/** What an earlier try of the same execution left behind, or null: then nothing of it became visible. */
export async function findPublished(client: pg.ClientBase, execution: Execution): Promise<TaskResult | null> {
  const { rows } = await client.query<{ result: TaskResult }>(
    "select result from headrace.load_ledger where execution_key = $1 and partition_key = $2",
    [execution.executionKey, execution.partitionKey ?? ""],
  )
  return rows[0]?.result ?? null
}

export type FenceAnswer = { kind: "taken" } | { kind: "superseded"; token: string; executionKey: string }

/**
 * Takes a dataset's partition for this try until the transaction ends: waits for another publisher, then stores our
 * token, or reports the larger one that is there.
 */
export async function takeFence(
  client: pg.ClientBase,
  execution: Execution,
  dataset: string,
  partitionKey: string,
): Promise<FenceAnswer> {
  const taken = await client.query(
    `insert into headrace.fence as f (dataset, partition_key, token, execution_key)
     values ($1, $2, $3, $4)
     on conflict (dataset, partition_key) do update
       set token = excluded.token, execution_key = excluded.execution_key, updated_at = now()
       where f.token <= excluded.token`,
    [dataset, partitionKey, execution.token, execution.executionKey],
  )
  if (taken.rowCount === 1) return { kind: "taken" }
  const { rows } = await client.query<{ token: string; executionKey: string }>(
    `select token::text, execution_key as "executionKey" from headrace.fence where dataset = $1 and partition_key = $2`,
    [dataset, partitionKey],
  )
  return { kind: "superseded", token: rows[0]!.token, executionKey: rows[0]!.executionKey }
}

/** Holds the execution until the transaction ends, for a publish that has no dataset to lock. */
export async function lockExecution(client: pg.ClientBase, execution: Execution): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('headrace:execution:' || $1, 0))", [
    `${execution.executionKey}/${execution.partitionKey ?? ""}`,
  ])
}

/** Writes the execution's row; a second one for the same execution and partition fails on its key. */
export async function recordLoad(client: pg.ClientBase, execution: Execution, result: TaskResult): Promise<void> {
  const sum = (key: "rowsInserted" | "rowsUpdated" | "rowsDeleted" | "rowsRejected") =>
    result.materializations.reduce((total, each) => total + each[key], 0)
  await client.query(
    `insert into headrace.load_ledger (execution_key, partition_key, run_id, task_id, attempt_id, datasets,
            rows_inserted, rows_updated, rows_deleted, rows_rejected, result)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
    [
      execution.executionKey,
      execution.partitionKey ?? "",
      execution.runId,
      execution.taskId,
      execution.token,
      result.materializations.map((each) => each.dataset),
      sum("rowsInserted"),
      sum("rowsUpdated"),
      sum("rowsDeleted"),
      sum("rowsRejected"),
      JSON.stringify(result),
    ],
  )
}

export async function setPartitionFresh(
  client: pg.ClientBase,
  dataset: string,
  partitionKey: string,
  runId: string,
  rows: number | null,
): Promise<void> {
  await client.query(
    `insert into headrace.partition_state (dataset, partition_key, state, run_id, rows)
     values ($1, $2, 'fresh', $3, $4)
     on conflict (dataset, partition_key) do update
       set state = 'fresh', run_id = excluded.run_id, rows = excluded.rows, updated_at = now()`,
    [dataset, partitionKey, runId, rows],
  )
}

/** Ledger rows are looked for by tries of one execution only; none is tried again after this long. */
const LEDGER_RETENTION_DAYS = 90

/** Forgets loads too old to be tried again; at most `limit` rows, so that it is cheap whenever it runs. */
export async function pruneLedger(client: pg.ClientBase, limit = 10_000): Promise<number> {
  const { rowCount } = await client.query(
    `delete from headrace.load_ledger
      where ctid = any (array(select ctid from headrace.load_ledger
                               where published_at < now() - make_interval(days => $1)
                               limit $2 for update skip locked))`,
    [LEDGER_RETENTION_DAYS, limit],
  )
  return rowCount ?? 0
}
