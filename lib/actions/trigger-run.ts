import { z } from "zod"
import type { JsonObject } from "../contracts/json.ts"
import { jsonObjectSchema } from "../contracts/json.ts"
import type { Manifest } from "../contracts/manifest.ts"
import { schedulesOf, zoneOf } from "../contracts/manifest-schedule.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId, VersionId } from "../domain/ids.ts"
import { partitionInterval, partitionKey } from "../domain/partition.ts"
import { intervalFor, previousTick } from "../domain/schedule.ts"
import type { Store } from "../store/client.ts"
import { inTransaction, type Queryable, type Transaction } from "../store/transaction.ts"
import { type PipelineVersion, readVersion } from "../store/versions.ts"
import { createRun, type RunRequest } from "./create-run.ts"

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
  const given = request.params ?? {}
  const params = request.areParamsFree ? given : parseParams(version.manifest, given)
  const logicalAt = request.logicalAt ?? new Date()
  const interval = chooseInterval(version.manifest, request, logicalAt)
  const runId = await createRun(transaction, boss, version, {
    pipelineId: request.pipelineId,
    kind: request.kind,
    scheduleKey: request.scheduleKey ?? "",
    logicalAt,
    ...interval,
    params,
    actor: request.actor,
    reason: request.reason ?? null,
    backfillId: request.backfillId ?? null,
    note: request.note ?? null,
    cause: request.cause ?? {},
    priority: request.priority ?? 0,
    tasks: request.tasks ?? [],
  })
  if (runId !== null) return { runId, created: true }
  const { rows } = await transaction.query<{ id: RunId }>(
    `select id from run
     where pipeline_id = $1 and kind = $2 and logical_at = $3 and backfill_id is not distinct from $4
       and schedule_key = $5`,
    [request.pipelineId, request.kind, logicalAt, request.backfillId ?? null, request.scheduleKey ?? ""],
  )
  if (!rows[0]) throw new AppError("request.conflict", "The run was created and removed again; ask once more.")
  return { runId: rows[0].id, created: false }
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
  const keyOf = (start: Date) => (manifest.partition ? partitionKey(manifest.partition, timezone, start) : null)
  if (request.intervalStart) {
    const intervalEnd = request.intervalEnd ?? logicalAt
    if (intervalEnd < request.intervalStart) {
      throw new AppError(
        "request.invalid",
        "The data interval ends before it starts; swap intervalStart and intervalEnd.",
      )
    }
    const key = request.partitionKey === undefined ? keyOf(request.intervalStart) : request.partitionKey
    return { intervalStart: request.intervalStart, intervalEnd, partitionKey: key }
  }
  if (manifest.partition) {
    // The partition that holds this instant is still open: the one before it is the latest complete one.
    const open = partitionInterval(manifest.partition, timezone, logicalAt)
    const complete = partitionInterval(manifest.partition, timezone, new Date(open.start.getTime() - 1))
    return { intervalStart: complete.start, intervalEnd: complete.end, partitionKey: complete.key }
  }
  const [schedule] = schedulesOf(manifest)
  const tick = schedule ? previousTick(schedule, new Date(logicalAt.getTime() + 1)) : null
  if (schedule && tick) {
    const { start, end } = intervalFor(schedule, tick)
    return { intervalStart: start, intervalEnd: end, partitionKey: null }
  }
  return { intervalStart: logicalAt, intervalEnd: logicalAt, partitionKey: null }
}
