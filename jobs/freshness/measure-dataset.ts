import type pg from "pg"
import { type Measured, recordMeasurement } from "#lib/actions/judge-freshness.ts"
import { AppError } from "#lib/domain/errors.ts"
import { duePartitions } from "#lib/domain/freshness/late-rules.ts"
import { measureFreshness } from "#lib/engines/postgres/measure-freshness.ts"
import type { Store } from "#lib/store/client.ts"
import type { Measurement } from "#lib/store/freshness.ts"

/** Longer than all steps of a measurement together may take. */
export const MEASURE_LEASE_MS = 120_000

/** What a measurement came to, for who asked. */
export interface MeasureOutcome {
  outcome: "ok" | "failed"
  message: string
}

/**
 * Asks the warehouse how new a claimed dataset's data is, and judges it by the answer. What does not answer is unknown, with
 * the reason. Throws only where our own database cannot be written.
 */
export async function measureDataset(
  parts: { store: Store; warehouse: pg.Pool; signal?: AbortSignal },
  claimed: Measurement,
): Promise<MeasureOutcome> {
  const measured = await ask(parts, claimed)
  // Cut off because the worker stops: the lease brings it back.
  if (parts.signal?.aborted) return { outcome: "failed", message: "The worker stopped." }
  await recordMeasurement(parts.store, claimed, measured, new Date())
  const { data } = measured
  return data.kind === "failed" ? { outcome: "failed", message: data.message } : { outcome: "ok", message: "Measured." }
}

async function ask(
  { warehouse, signal }: { warehouse: pg.Pool; signal?: AbortSignal },
  { datasetId, policy, watchedSince }: Measurement,
): Promise<Measured> {
  const { partitions, probe } = policy
  try {
    const { presentKeys, ...data } = await measureFreshness(warehouse, {
      table: datasetId.replace(/^warehouse\./, ""),
      probe: probe!,
      partitions: partitions && {
        due: duePartitions(partitions, watchedSince, new Date()),
        timezone: partitions.timezone,
      },
      ...(signal && { signal }),
    })
    return { data: { kind: "measured", ...data }, presentKeys }
  } catch (error) {
    const message = error instanceof AppError ? error.message : "The warehouse could not be asked."
    return { data: { kind: "failed", message }, presentKeys: [] }
  }
}
