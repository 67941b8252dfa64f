import type pg from "pg"
import { type TaskResult, type TaskResultInput, taskResultSchema } from "#lib/contracts/task-result.ts"
import { AppError } from "#lib/domain/errors.ts"
import {
  type Execution,
  type FenceAnswer,
  findPublished,
  lockExecution,
  pruneLedger,
  recordLoad,
  setPartitionFresh,
  takeFence,
} from "./ledger.ts"
import { inTransaction } from "./session.ts"

/** A dataset to be written and the part of it that is locked; null for all of it. */
export interface PublishTarget {
  dataset: string
  partitionKey: string | null
}

export type Published = { kind: "published"; result: TaskResult } | { kind: "already_published"; result: TaskResult }

/**
 * Makes a load visible exactly once. In one transaction: locks each dataset's partition and compares fence tokens, looks
 * for an earlier try of the same execution, lets `change` do its work and its gating checks, and writes ledger and
 * partition state. Whatever throws, on either side of the wire, leaves the previous data; if the commit's answer is
 * lost, the next try finds the ledger row and returns its result without loading again.
 *
 * `ensureWarehouseSchema` must have run on this warehouse.
 *
 * @throws AppError `load.superseded` when a later attempt has published this partition.
 */
export async function publish(
  client: pg.ClientBase,
  execution: Execution,
  targets: readonly PublishTarget[],
  change: () => Promise<TaskResultInput>,
): Promise<Published> {
  return inTransaction(client, "begin", () => publishInside(client, execution, targets, change))
}

/** As {@link publish}, inside a transaction that the caller began and will commit. */
export async function publishInside(
  client: pg.ClientBase,
  execution: Execution,
  targets: readonly PublishTarget[],
  change: () => Promise<TaskResultInput>,
): Promise<Published> {
  await client.query(`set local idle_in_transaction_session_timeout = ${STALLED_PUBLISHER_MS}`)
  const fences = await lockTargets(client, execution, targets)
  // Only now: a try that was publishing while we waited for its lock has committed.
  const earlier = await findPublished(client, execution)
  if (earlier) return { kind: "already_published", result: earlier }
  for (const fence of fences)
    if (fence.answer.kind === "superseded") throw superseded(execution, fence.place, fence.answer)
  const result = taskResultSchema.parse(await change())
  await recordLoad(client, execution, result)
  if (BigInt(execution.token) % PRUNE_EVERY === 0n) await pruneLedger(client)
  for (const { dataset, partitionKey } of targets) {
    if (partitionKey === null) continue
    const ofDataset = result.materializations.filter((each) => each.dataset === dataset)
    const written = ofDataset.find((each) => each.partitionKey === partitionKey) ?? ofDataset[0]
    const rows = written && !written.sharesRows ? written.rowsInserted + written.rowsUpdated : null
    await setPartitionFresh(client, dataset, partitionKey, execution.runId, rows)
  }
  return { kind: "published", result }
}

/** Old ledger rows go with one publish in a hundred: often enough to keep up, too seldom to be felt. */
const PRUNE_EVERY = 100n

/**
 * A worker that was frozen inside its publish would keep others waiting for its locks; the server ends its session after
 * this long between two statements. A living worker sends the next one within milliseconds.
 */
const STALLED_PUBLISHER_MS = 30_000

/** In one order everywhere, so that two publishers of several datasets cannot wait for each other. */
async function lockTargets(client: pg.ClientBase, execution: Execution, targets: readonly PublishTarget[]) {
  if (targets.length === 0) await lockExecution(client, execution)
  const ordered = targets
    .map(({ dataset, partitionKey }) => ({ dataset, partition: partitionKey ?? "" }))
    .sort((a, b) => (a.dataset + a.partition < b.dataset + b.partition ? -1 : 1))
  const fences: { place: string; answer: FenceAnswer }[] = []
  for (const { dataset, partition } of ordered) {
    const answer = await takeFence(client, execution, dataset, partition)
    fences.push({ place: partition ? `${dataset}, partition ${partition},` : dataset, answer })
  }
  return fences
}

function superseded(
  execution: Execution,
  place: string,
  larger: Extract<FenceAnswer, { kind: "superseded" }>,
): AppError {
  const isSameExecution = larger.executionKey === execution.executionKey
  const message = isSameExecution
    ? `A later attempt of this task has written ${place} already; this attempt's data was thrown away.`
    : `A task that started later has written ${place} already; this one is tried again on top of it.`
  return new AppError("load.superseded", message, {
    kind: "transient",
    retry: isSameExecution ? "never" : "later",
    details: { token: execution.token, larger: larger.token },
  })
}
