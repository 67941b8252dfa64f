import type pg from "pg"
import { recordMeasures } from "#lib/actions/record-measures.ts"
import { measuredColumns } from "#lib/contracts/quality/watched-series.ts"
import { AppError } from "#lib/domain/errors.ts"
import { measureTable } from "#lib/engines/postgres/measure-table.ts"
import type { Store } from "#lib/store/client.ts"
import { type ClaimedMeasure, finishMeasure } from "#lib/store/measures.ts"

/** Longer than all steps of a measurement together may take. */
export const MEASURE_LEASE_MS = 120_000
/** What could not be measured is tried again after this. */
const AGAIN_MS = 300_000

/** What a measurement came to, for who asked. */
export interface MeasureOutcome {
  outcome: "ok" | "failed"
  message: string
}

/**
 * Measures what a dataset's policy asks for, in one scan of its table, and records it. What fails is tried again later, with the
 * reason kept. Throws only where our own database cannot be written.
 */
export async function measureDataset(
  { store, warehouse, signal }: { store: Store; warehouse: pg.Pool; signal?: AbortSignal },
  claimed: ClaimedMeasure,
): Promise<MeasureOutcome> {
  const { datasetId, anomalies, knowsRows } = claimed
  try {
    const measures = await measureTable(warehouse, {
      table: datasetId.replace(/^warehouse\./, ""),
      columns: measuredColumns(anomalies),
      countRows: !knowsRows && anomalies?.volume !== false,
      ...(signal && { signal }),
    })
    await recordMeasures(store, claimed, measures)
    const { rowCount, values, skipped } = measures
    const rows = rowCount === null ? "" : ` in ${counted(rowCount, "row")}`
    const words =
      values.length === 0 && rowCount !== null
        ? `Counted ${counted(rowCount, "row")}.`
        : `Measured ${counted(values.length, "value")}${rows}.`
    return { outcome: "ok", message: [words, ...skipped].join(" ") }
  } catch (error) {
    if (!(error instanceof AppError) && !signal?.aborted) throw error
    const message = signal?.aborted || !(error instanceof AppError) ? "It was given up." : error.message
    await finishMeasure(store.pool, claimed, { error: message, againMs: signal?.aborted ? 0 : AGAIN_MS })
    return { outcome: "failed", message }
  }
}

function counted(count: number, word: string): string {
  return `${count.toLocaleString("en")} ${word}${count === 1 ? "" : "s"}`
}
