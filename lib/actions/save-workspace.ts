import type { LoadedPipeline, LoadedWorkspace } from "../contracts/manifest.ts"
import { schemeText } from "../domain/partition-scheme.ts"
import { saveAlertRules } from "../store/alert-rules.ts"
import type { Store } from "../store/client.ts"
import { saveDocuments, saveEdges } from "../store/dataset-documents.ts"
import { savePolicies } from "../store/dataset-policies.ts"
import { recordEvent } from "../store/events.ts"
import { type DeclaredLimit, declareLimits } from "../store/limits.ts"
import { announce } from "../store/notify.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { admitWaiting } from "./admit-task-runs.ts"
import { saveDeadlineClocks } from "./plan-deadlines.ts"
import { resolveForGone } from "./resolve-incidents.ts"
import { saveFreshness } from "./save-freshness.ts"
import { retireSchedules, saveSchedules } from "./save-schedules.ts"

/** Serialises saves of several workers. Any constant will do that nothing else locks. */
const SAVE_LOCK = 4_804_201

/**
 * Makes the loaded workspace the current one: a changed pipeline gets a new version, one that is gone loses its current
 * version, and one whose file is broken keeps its last good version while the problem is shown. Saving the same workspace
 * again changes nothing. Policies of datasets and alert rules are replaced likewise.
 */
export async function saveWorkspace(store: Store, loaded: LoadedWorkspace, now: Date): Promise<{ changed: string[] }> {
  // By itself and first: limits are locked last in any other transaction, and tasks must not start without theirs.
  const changedLimits = await inTransaction(store.pool, (transaction) => declareLimits(transaction, limitsOf(loaded)))
  return inTransaction(store.pool, async (transaction) => {
    await transaction.query("select pg_advisory_xact_lock($1)", [SAVE_LOCK])
    const changed: string[] = []
    for (const pipeline of loaded.pipelines) {
      if (await savePipeline(transaction, pipeline, now)) changed.push(pipeline.manifest.id)
    }
    const gone = await retirePipelines(transaction, loaded)
    changed.push(...gone)
    await resolveForGone(transaction, gone, now)
    const policies = await savePolicies(transaction, loaded.policies ?? [], brokenFiles(loaded))
    if (changed.length > 0 || policies.length > 0) await saveFreshness(transaction)
    await saveAlertRules(transaction, loaded.alertRules ?? [], brokenFiles(loaded))
    const hasNewProblems = await replaceProblems(transaction, loaded)
    await admitWaiting(transaction, store.boss, changedLimits)
    if (changed.length > 0 || policies.length > 0 || hasNewProblems)
      await announce(transaction, [{ type: "workspace" }])
    return { changed }
  })
}

/** Slots of a pool that a pipeline names and nobody has made: enough to work, few enough to be noticed. */
const DEFAULT_POOL_CAPACITY = 8

/** The limits that the workspace's good pipelines name. Where two name one key with other limits, the smaller one holds. */
function limitsOf({ pipelines }: LoadedWorkspace): DeclaredLimit[] {
  const limits: DeclaredLimit[] = []
  const keys = new Map<string, number>()
  const pools = new Set<string>()
  for (const { manifest } of pipelines) {
    limits.push({ kind: "pipeline", name: manifest.id, capacity: manifest.maxActiveTasks })
    for (const { concurrency } of [manifest, ...manifest.tasks]) {
      if (concurrency) keys.set(concurrency.key, Math.min(concurrency.limit, keys.get(concurrency.key) ?? Infinity))
    }
    for (const { pool } of manifest.tasks) if (pool) pools.add(pool)
  }
  for (const [name, capacity] of keys) limits.push({ kind: "key", name, capacity })
  for (const name of pools) limits.push({ kind: "pool", name, capacity: DEFAULT_POOL_CAPACITY })
  return limits
}

async function savePipeline(transaction: Transaction, pipeline: LoadedPipeline, now: Date): Promise<boolean> {
  const { manifest, hash } = pipeline
  await transaction.query(`insert into pipeline (id, file) values ($1, $2) on conflict (id) do nothing`, [
    manifest.id,
    manifest.file,
  ])
  const { rows } = await transaction.query<{ hash: string | null }>(
    `select v.hash
     from pipeline p
     left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     where p.id = $1
     for no key update of p`,
    [manifest.id],
  )
  if (rows[0]!.hash === hash) return false

  // Going back to an earlier definition makes its version current again, not a copy of it.
  const version = await transaction.query<{ id: string; version: number }>(
    `insert into pipeline_version (pipeline_id, version, hash, manifest, files)
     select $1, coalesce(max(version), 0) + 1, $2, $3, $4 from pipeline_version where pipeline_id = $1
     on conflict (pipeline_id, hash) do update set hash = excluded.hash
     returning id, version`,
    [manifest.id, hash, JSON.stringify(manifest), JSON.stringify(pipeline.files)],
  )
  await transaction.query(
    `update pipeline
     set description = $2, owner = $3, tags = $4, file = $5, current_version = $6, updated_at = now()
     where id = $1`,
    [manifest.id, manifest.description, manifest.owner, manifest.tags, manifest.file, version.rows[0]!.version],
  )
  await saveSchedules(transaction, manifest, now)
  await saveDeadlineClocks(transaction, manifest, now)
  await declareDatasets(transaction, pipeline)
  await saveDocuments(transaction, version.rows[0]!.id, pipeline.documents ?? [])
  await saveEdges(transaction, manifest.id, manifest.tasks)
  await recordEvent(transaction, {
    type: "pipeline.version",
    pipelineId: manifest.id,
    data: { version: version.rows[0]!.version, hash },
  })
  return true
}

async function declareDatasets(transaction: Transaction, { manifest }: LoadedPipeline): Promise<void> {
  const written = manifest.tasks.flatMap((task) =>
    task.writes.map((dataset) => ({ dataset, taskId: task.id, description: task.description })),
  )
  const unique = [...new Map(written.map((row) => [row.dataset, row])).values()]
  if (unique.length === 0) return
  await transaction.query(
    `insert into dataset (id, description, owner, tags, partition_scheme, pipeline_id, task_id)
     select w.dataset, w.description, $2, $3, $4, $5, w."taskId"
     from jsonb_to_recordset($1::jsonb) as w (dataset text, "taskId" text, description text)
     order by w.dataset
     on conflict (id) do update
       set description = excluded.description, owner = excluded.owner, tags = excluded.tags,
           partition_scheme = excluded.partition_scheme, pipeline_id = excluded.pipeline_id, task_id = excluded.task_id`,
    [
      JSON.stringify(unique),
      manifest.owner,
      manifest.tags,
      manifest.partition && schemeText(manifest.partition),
      manifest.id,
    ],
  )
}

async function retirePipelines(transaction: Transaction, loaded: LoadedWorkspace): Promise<string[]> {
  const present = loaded.pipelines.map((pipeline) => pipeline.manifest.id)
  const named = loaded.problems.flatMap((problem) => problem.pipelineId ?? [])
  const { rows } = await transaction.query<{ id: string }>(
    `update pipeline
     set current_version = null, next_run_at = null, updated_at = now()
     where current_version is not null and id <> all ($1::text[]) and id <> all ($3::text[]) and file <> all ($2::text[])
     returning id`,
    [present, brokenFiles(loaded), named],
  )
  for (const { id } of rows) {
    await retireSchedules(transaction, id)
    await saveEdges(transaction, id, [])
    await recordEvent(transaction, { type: "pipeline.removed", pipelineId: id })
  }
  return rows.map((row) => row.id)
}

function brokenFiles({ problems }: LoadedWorkspace): string[] {
  return [...new Set(problems.map((problem) => problem.file))]
}

/** Replaces the list of problems; true when it differs from what was there. */
async function replaceProblems(transaction: Transaction, { problems }: LoadedWorkspace): Promise<boolean> {
  const { rows } = await transaction.query<{ isSame: boolean }>(
    `with wanted as (
       select * from jsonb_to_recordset($1::jsonb)
         as p (file text, line int, "column" int, "pipelineId" text, rule text, message text)
     ), removed as (
       delete from workspace_problem p
       where not exists (select 1 from wanted w
                         where (w.file, w.rule, w.message) = (p.file, p.rule, p.message)
                           and w.line is not distinct from p.line)
       returning 1
     ), added as (
       insert into workspace_problem (file, line, "column", pipeline_id, rule, message)
       select file, line, "column", "pipelineId", rule, message
       from wanted w
       where not exists (select 1 from workspace_problem p
                         where (w.file, w.rule, w.message) = (p.file, p.rule, p.message)
                           and w.line is not distinct from p.line)
       returning 1
     )
     select not exists (select 1 from removed) and not exists (select 1 from added) as "isSame"`,
    [JSON.stringify(problems)],
  )
  return !rows[0]!.isSame
}
