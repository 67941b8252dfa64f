import type pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import type { StageColumn } from "./partition-stage.ts"
import type { RowRange } from "./row-scope.ts"

/**
 * The rows of a data interval [from, to), by one column. A date column holds days of the schedule's zone, a timestamp
 * without zone holds UTC.
 *
 * @throws AppError `pipeline.invalid` for a column that is no time, or a date where the interval is no whole day.
 */
export async function partitionRange(
  client: pg.ClientBase,
  column: StageColumn,
  interval: { from: string; to: string },
  timezone: string,
): Promise<RowRange> {
  if (column.type.startsWith("timestamp")) return { column: column.name, ...interval }
  if (column.type !== "date") {
    const message = `Partition column "${column.name}" is ${column.type}; it must be a timestamp or a date.`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  }
  const { rows } = await client.query<{ from: string; to: string }>(
    `select ($1::timestamptz at time zone $3)::date::text as "from", ($2::timestamptz at time zone $3)::date::text as "to"`,
    [interval.from, interval.to, timezone],
  )
  const days = rows[0]!
  if (days.from === days.to) {
    const message = `Partition column "${column.name}" is a date, but the interval is shorter than a day; use a timestamp.`
    throw new AppError("pipeline.invalid", message, { kind: "config" })
  }
  return { column: column.name, ...days }
}

/**
 * Where the partitions of a range begin, as values of its column, oldest first: for telling them apart in a load of several.
 */
export async function partitionBounds(
  client: pg.ClientBase,
  column: StageColumn,
  starts: readonly Date[],
  timezone: string,
): Promise<string[]> {
  const instants = starts.map((start) => start.toISOString())
  if (column.type !== "date") return instants
  const { rows } = await client.query<{ day: string }>(
    `select (start at time zone $2)::date::text as day
     from unnest($1::timestamptz[]) with ordinality as s (start, place)
     order by place`,
    [instants, timezone],
  )
  return rows.map((row) => row.day)
}
