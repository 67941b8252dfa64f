import type pg from "pg"
import { AppError } from "#lib/domain/errors.ts"

/** How far a source was read into a dataset. */
export interface Watermark {
  column: string
  /** Largest value known to be complete, as the database prints it; null: nothing was read yet. */
  value: string | null
}

/** The watermark, or null before the first load and after the watermark column was changed (which reads all again). */
export async function readWatermark(
  client: pg.ClientBase,
  dataset: string,
  source: string,
  column: string,
): Promise<Watermark | null> {
  const { rows } = await client.query<Watermark>(
    `select column_name as "column", value from headrace.watermark
      where dataset = $1 and source = $2 and column_name = $3`,
    [dataset, source, column],
  )
  return rows[0] ?? null
}

/**
 * Stores that the source was read as of `readAt` (its own clock). Loads into a dataset must become visible in the order
 * in which they were read: an older reading would bring old versions of rows back as if they were new.
 *
 * @throws AppError `load.superseded` when a later reading has been published; trying again reads anew.
 */
export async function advanceWatermark(
  client: pg.ClientBase,
  dataset: string,
  source: string,
  reading: { column: string; value: string | null; readAt: string },
): Promise<void> {
  const stored = await client.query(
    `insert into headrace.watermark as w (dataset, source, column_name, value, read_at)
     values ($1, $2, $3, $4, $5)
     on conflict (dataset, source) do update
       set column_name = excluded.column_name, value = excluded.value, read_at = excluded.read_at, updated_at = now()
       where w.read_at <= excluded.read_at`,
    [dataset, source, reading.column, reading.value, reading.readAt],
  )
  if (stored.rowCount === 1) return
  const message = `A later reading of ${source} has already been loaded into ${dataset}; this one is tried again.`
  throw new AppError("load.superseded", message, { kind: "transient", retry: "later" })
}
