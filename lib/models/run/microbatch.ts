import { AppError } from "../../domain/errors.ts"
import type { ModelNode, ParsedNode } from "../project/node.ts"
import type { EventTimeRange } from "./protocol.ts"

/*
 * The batches of a microbatch model (dbt's documentation, "About microbatch incremental models"). All of it reckons in UTC.
 */

const SIZES = ["hour", "day", "month", "year"] as const
export type BatchSize = (typeof SIZES)[number]

export interface MicrobatchSettings {
  eventTime: string
  batchSize: BatchSize
  begin: Date
  /** How many batches before the newest are built again. */
  lookback: number
  /** Whether batches may run at a time; the first and the last never do. */
  isConcurrent: boolean
}

export function isMicrobatch(node: { resource_type: string; config: object }): node is ModelNode {
  const config = node.config as Partial<ParsedNode["config"]>
  return (
    node.resource_type === "model" &&
    config.materialized === "incremental" &&
    config.incremental_strategy === "microbatch"
  )
}

/** @throws AppError `model.invalid` that says which setting is missing or wrong. */
export function microbatchSettings({ name, config }: ParsedNode): MicrobatchSettings {
  const fail = (message: string): never => {
    throw new AppError("model.invalid", `Microbatch model ${name} ${message}`, { kind: "config" })
  }
  const { event_time: eventTime, batch_size: size, begin, lookback, concurrent_batches: isConcurrent } = config
  if (typeof eventTime !== "string") return fail("needs event_time: the column that says when a row happened.")
  const batchSize = SIZES.find((each) => each === size)
  if (!batchSize) return fail(`needs a batch_size of ${SIZES.join(", ")}.`)
  const first = begin === null || begin === undefined ? null : parseInstant(String(begin))
  if (!first) return fail("needs begin: the day or instant of its first batch, as 2024-01-01.")
  if (!Number.isInteger(lookback) || Number(lookback) < 0) return fail("has a lookback that is no number of batches.")
  return { eventTime, batchSize, begin: first, lookback: Number(lookback), isConcurrent: isConcurrent === true }
}

/** A time as it is written in YAML or on a command line; without a zone it is UTC. Null when it is none. */
export function parseInstant(text: string): Date | null {
  const isZoned = /(Z|[-+]\d{2}:?\d{2})$/i.test(text.trim()) && /\d:\d/.test(text)
  const iso = text.trim().replace(" ", "T")
  const instant = new Date(isZoned ? iso : /T/.test(iso) ? `${iso}Z` : iso)
  return Number.isNaN(instant.getTime()) ? null : instant
}

/** What is asked for: a range from outside, and what is there already. */
export interface BatchRequest {
  now: Date
  /** Whether there is a table to add to. */
  isThere: boolean
  start?: Date
  end?: Date
}

/**
 * The batches to build, oldest first. Without a range: all from `begin` where nothing is there, else the newest, which is that
 * of now, and `lookback` before it.
 */
export function planBatches(
  settings: MicrobatchSettings,
  { now, isThere, start, end }: BatchRequest,
): EventTimeRange[] {
  const { batchSize, begin, lookback } = settings
  const stop = ceil(end ?? now, batchSize)
  const first = start
    ? truncate(start, batchSize)
    : isThere
      ? offset(stop, batchSize, -lookback - 1)
      : truncate(begin, batchSize)
  const batches: EventTimeRange[] = []
  for (let at = first; at < stop; at = offset(at, batchSize, 1)) {
    batches.push({ start: at.toISOString(), end: offset(at, batchSize, 1).toISOString() })
  }
  return batches
}

/** The batches that lie between the newest row and the first that is built: those that were never loaded. Null for none. */
export function gapBefore(settings: MicrobatchSettings, newest: Date | null, first: Date): EventTimeRange | null {
  const { batchSize, begin } = settings
  const loaded = newest ? offset(truncate(newest, batchSize), batchSize, 1) : truncate(begin, batchSize)
  return loaded < first ? { start: loaded.toISOString(), end: first.toISOString() } : null
}

/** A batch as dbt names it: `20240131`, `20240131T05`. */
export function batchId({ start }: EventTimeRange, size: BatchSize | null): string {
  const [date = "", time = ""] = start.split("T")
  const day = date.replaceAll("-", "")
  return size === "hour" ? `${day}T${time.slice(0, 2)}` : day
}

function truncate(instant: Date, size: BatchSize): Date {
  const [year, month, day, hour] = partsOf(instant)
  switch (size) {
    case "hour":
      return new Date(Date.UTC(year, month, day, hour))
    case "day":
      return new Date(Date.UTC(year, month, day))
    case "month":
      return new Date(Date.UTC(year, month))
    case "year":
      return new Date(Date.UTC(year, 0))
  }
}

function ceil(instant: Date, size: BatchSize): Date {
  const down = truncate(instant, size)
  return down.getTime() === instant.getTime() ? down : offset(down, size, 1)
}

/** A beginning of a batch moved by so many batches. */
function offset(instant: Date, size: BatchSize, by: number): Date {
  const [year, month, day, hour] = partsOf(truncate(instant, size))
  switch (size) {
    case "hour":
      return new Date(Date.UTC(year, month, day, hour + by))
    case "day":
      return new Date(Date.UTC(year, month, day + by))
    case "month":
      return new Date(Date.UTC(year, month + by))
    case "year":
      return new Date(Date.UTC(year + by, 0))
  }
}

function partsOf(instant: Date): [number, number, number, number] {
  return [instant.getUTCFullYear(), instant.getUTCMonth(), instant.getUTCDate(), instant.getUTCHours()]
}
