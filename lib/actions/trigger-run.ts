import { z } from "zod"
import type { JsonObject } from "../contracts/json.ts"
import { jsonObjectSchema } from "../contracts/json.ts"
import type { Manifest } from "../contracts/manifest.ts"
import { schedulesOf, zoneOf } from "../contracts/manifest-schedule.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, VersionId } from "../domain/ids.ts"
import { partitionInterval, partitionKey } from "../domain/partition.ts"
import { joinPartitionKey, partitionScheme, splitPartitionKey } from "../domain/partition-scheme.ts"
import { intervalFor, previousTick } from "../domain/schedule.ts"
import type { Store } from "../store/client.ts"
import { inTransaction, type Queryable, type Transaction } from "../store/transaction.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"
import { createRuns, type RunRequest } from "./create-run.ts"

export interface TriggerRequest {
  pipelineId: string
  kind: RunRequest["kind"]
  scheduleKey?: string
  params?: JsonObject
  /** Takes `params` as they are, of any names: for payloads of events, where the pipeline declares none. */
  areParamsFree?: boolean
  /** Default: now. */
  logicalAt?: Date
  /** Default: the latest complete partition or schedule interval before `logicalAt`, else empty at it. */
  intervalStart?: Date
  intervalEnd?: Date
  partitionKey?: string | null
  /** All that it loads, where that is more than one partition; `partitionKey` then names the range. */
  partitionKeys?: readonly string[]
  /** Of a pipeline whose partitions have keys: the one it loads, unless `partitionKey` says it. */
  staticKey?: string
  note?: string
  actor: string
  reason?: string
  backfillId?: string
  cause?: JsonObject
  priority?: number
  tasks?: readonly string[]
}

/**
 * Creates a run of a pipeline's current version. `created: false` gives the run that exists for this kind, schedule
 * and logical time already.
 * @throws AppError `pipeline.not_found`, `pipeline.invalid` without a current definition, `run.params_invalid`.
 */
export async function triggerRun(store: Store, request: TriggerRequest): Promise<{ runId: RunId; created: boolean }> {
  return inTransaction(store.pool, (transaction) => triggerRunIn(transaction, store.boss, request))
}

/** {@link triggerRun} as part of a larger transaction. */
export async function triggerRunIn(
  transaction: Transaction,
  boss: Store["boss"],
  request: TriggerRequest,
): Promise<{ runId: RunId; created: boolean }> {
  const version = await currentVersion(transaction, request.pipelineId)
  const [run] = await triggerRunsIn(transaction, boss, version, [request])
  return run!
}

/**
 * {@link triggerRun} for one run of each key that a pipeline's partitions have: what starts by itself, by schedule or by
 * what arrived, loads them all. Gives the first run; created where any is new.
 */
export async function triggerEachKeyIn(
  transaction: Transaction,
  boss: Store["boss"],
  request: TriggerRequest,
): Promise<{ runId: RunId; created: boolean }> {
  const version = await currentVersion(transaction, request.pipelineId)
  const { partition } = version.manifest
  const keys = (partition && partitionScheme(partition).keys) ?? [undefined]
  const runs = await triggerRunsIn(
    transaction,
    boss,
    version,
    keys.map((staticKey) => ({ ...request, ...(staticKey === undefined ? {} : { staticKey }) })),
  )
  return { runId: runs[0]!.runId, created: runs.some((run) => run.created) }
}

/** {@link triggerRun} for several runs of one version and the same tasks, in the given order. */
export async function triggerRunsIn(
  transaction: Transaction,
  boss: Store["boss"],
  version: PipelineVersion,
  requests: readonly TriggerRequest[],
): Promise<{ runId: RunId; created: boolean }[]> {
  const runs = requests.map((request) => toRunRequest(version.manifest, request))
  const ids = await createRuns(transaction, boss, version, runs)
  const triggered: { runId: RunId; created: boolean }[] = []
  for (const [place, run] of runs.entries()) {
    const id = ids[place]
    triggered.push(id ? { runId: id, created: true } : { runId: await findRun(transaction, run), created: false })
  }
  return triggered
}

function toRunRequest(manifest: Manifest, request: TriggerRequest): RunRequest {
  const given = request.params ?? {}
  const logicalAt = request.logicalAt ?? new Date()
  return {
    pipelineId: request.pipelineId,
    kind: request.kind,
    scheduleKey: request.scheduleKey ?? "",
    logicalAt,
    ...chooseInterval(manifest, request, logicalAt),
    partitionKeys: request.partitionKeys ?? [],
    params: request.areParamsFree ? given : parseParams(manifest, given),
    actor: request.actor,
    reason: request.reason ?? null,
    backfillId: request.backfillId ?? null,
    note: request.note ?? null,
    cause: request.cause ?? {},
    priority: request.priority ?? 0,
    tasks: request.tasks ?? [],
  }
}

async function findRun(transaction: Transaction, run: RunRequest): Promise<RunId> {
  const { rows } = await transaction.query<{ id: RunId }>(
    `select id from run
     where pipeline_id = $1 and kind = $2 and logical_at = $3 and backfill_id is not distinct from $4
       and schedule_key = $5 and partition_key is not distinct from $6`,
    [run.pipelineId, run.kind, run.logicalAt, run.backfillId, run.scheduleKey, run.partitionKey],
  )
  if (!rows[0]) throw new AppError("request.conflict", "The run was created and removed again; ask once more.")
  return rows[0].id
}

/** The version that new runs pin. @throws AppError `pipeline.not_found`, `pipeline.invalid`. */
export async function currentVersion(queryable: Queryable, pipelineId: string): Promise<PipelineVersion> {
  const { rows } = await queryable.query<{ id: VersionId | null }>(
    `select v.id
     from pipeline p
     left join pipeline_version v on v.pipeline_id = p.id and v.version = p.current_version
     where p.id = $1`,
    [pipelineId],
  )
  const row = rows[0]
  if (!row) {
    throw new AppError(
      "pipeline.not_found",
      `There is no pipeline ${pipelineId}; see the list of pipelines for its name.`,
    )
  }
  if (row.id === null) {
    throw new AppError(
      "pipeline.invalid",
      `Pipeline ${pipelineId} is no longer defined in the workspace; restore its file to run it.`,
    )
  }
  return readVersion(queryable, row.id)
}

/** Checks params against the manifest's JSON Schema and fills in defaults. @throws AppError `run.params_invalid`. */
export function parseParams(manifest: Manifest, params: JsonObject): JsonObject {
  if (manifest.params === null) {
    const names = Object.keys(params)
    if (names.length === 0) return {}
    throw new AppError("run.params_invalid", `Pipeline ${manifest.id} takes no params; leave out ${names.join(", ")}.`)
  }
  const schema = z.fromJSONSchema(manifest.params as Parameters<typeof z.fromJSONSchema>[0])
  const parsed = schema.safeParse(params)
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join(".") || "params"}: ${issue.message}`)
    throw new AppError("run.params_invalid", `Params of ${manifest.id} do not fit: ${problems.join("; ")}.`, {
      kind: "config",
      details: { issues: parsed.error.issues },
    })
  }
  return jsonObjectSchema.parse(parsed.data)
}

function chooseInterval(
  manifest: Manifest,
  request: TriggerRequest,
  logicalAt: Date,
): { intervalStart: Date; intervalEnd: Date; partitionKey: string | null } {
  const timezone = zoneOf(manifest)
  const { unit, keys } = manifest.partition ? partitionScheme(manifest.partition) : { unit: null, keys: null }
  // What a backfill planned goes by the keys that there were then.
  const key = keys && !request.backfillId ? keyOf(manifest, keys, request) : null
  const named = (time: string | null) => (time === null && key === null ? null : joinPartitionKey({ time, key }))
  if (request.intervalStart) {
    const { intervalStart, intervalEnd = logicalAt } = request
    if (intervalEnd < intervalStart) {
      throw new AppError(
        "request.invalid",
        "The data interval ends before it starts; swap intervalStart and intervalEnd.",
      )
    }
    const ownKey = () => named(unit && partitionKey(unit, timezone, intervalStart))
    return {
      intervalStart,
      intervalEnd,
      partitionKey: request.partitionKey === undefined ? ownKey() : request.partitionKey,
    }
  }
  if (unit) {
    // The partition that holds this instant is still open: the one before it is the latest complete one.
    const open = partitionInterval(unit, timezone, logicalAt)
    const complete = partitionInterval(unit, timezone, new Date(open.start.getTime() - 1))
    return { intervalStart: complete.start, intervalEnd: complete.end, partitionKey: named(complete.key) }
  }
  const [schedule] = schedulesOf(manifest)
  const tick = schedule ? previousTick(schedule, new Date(logicalAt.getTime() + 1)) : null
  if (schedule && tick) {
    const { start, end } = intervalFor(schedule, tick)
    return { intervalStart: start, intervalEnd: end, partitionKey: named(null) }
  }
  return { intervalStart: logicalAt, intervalEnd: logicalAt, partitionKey: named(null) }
}

/** Which of the pipeline's keys a run is for. @throws AppError `request.invalid` where that is not said or not one. */
function keyOf(manifest: Manifest, keys: readonly string[], request: TriggerRequest): string {
  const key = request.staticKey ?? splitPartitionKey(request.partitionKey ?? null).key
  if (key !== null && keys.includes(key)) return key
  const some = `${keys.slice(0, 5).join(", ")}${keys.length > 5 ? " …" : ""}`
  const what = key === null ? `A run of ${manifest.id} is for one of its keys` : `${manifest.id} has no key "${key}"`
  throw new AppError("request.invalid", `${what}; give one of ${some}.`, { kind: "config" })
}
