import type pg from "pg"
import type { DataProbe } from "#lib/domain/freshness/freshness-policy.ts"
import type { DuePartition } from "#lib/domain/freshness/late-rules.ts"
import { quoteIdentifier, quoteTable } from "./quote-identifier.ts"
import { withSession } from "./session.ts"

/** What lies further ahead than clocks may differ is from the future. */
const TOLERANCE = "interval '5 minutes'"
/** A table that takes longer to be asked needs an index on its column. */
const STATEMENT_TIMEOUT_MS = 30_000
const LOCK_TIMEOUT_MS = 2_000

export interface NewestData {
  newest: Date | null
  /** The newest value, where it lies in the future. */
  future: Date | null
  presentKeys: string[]
}

/**
 * Reads how new a table's data is, and which of the partitions have any: read-only, one statement each, ended after 30 s. A
 * time without a zone is one of UTC; a date is its midnight. The newest value that does not lie ahead and the newest of all
 * are asked one by one, so that an index answers both.
 * @throws AppError translated; `engine.timeout` where it takes too long.
 */
export async function measureFreshness(
  pool: pg.Pool,
  asked: {
    table: string
    probe: DataProbe
    partitions: { due: readonly DuePartition[]; timezone: string } | null
    signal?: AbortSignal
  },
): Promise<NewestData> {
  const { table, probe, partitions, signal } = asked
  const session = { connection: "warehouse", applicationName: "headrace-freshness", ...(signal && { signal }) }
  return withSession(pool, session, async (client) => {
    await client.query("begin isolation level repeatable read read only")
    try {
      await client.query("select set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)", [
        String(STATEMENT_TIMEOUT_MS),
        String(LOCK_TIMEOUT_MS),
      ])
      const [row] = (await runAlone<NewestRow>(client, newestSql(table, probe))).rows
      if (!partitions || partitions.due.length === 0) return toNewest(row!, [])
      // A date is a day of the partitions' own zone.
      if (row!.type === "date") await client.query("select set_config('TimeZone', $1, true)", [partitions.timezone])
      return toNewest(row!, await presentPartitions(client, table, probe, partitions.due))
    } finally {
      await client.query("rollback")
    }
  })
}

/** Milliseconds since 1970, and the type of the value. */
interface NewestRow {
  newest: number | null
  last: number | null
  type: string
}

function newestSql(table: string, probe: DataProbe): string {
  const epoch = (value: string) => `(extract(epoch from ${value}) * 1000)::float8`
  if (probe.query !== null) {
    return `with answer as (select (\n${probe.query}\n) as value)
      select case when value <= now() + ${TOLERANCE} then ${epoch("value")} end as newest, ${epoch("value")} as last,
        pg_typeof(value)::text as type from answer`
  }
  const column = columnOf(probe)
  const rows = `from ${quoteTable(table)} where true${condition(probe)}`
  return `select (select ${epoch(`max(${column})`)} ${rows} and ${column} <= now() + ${TOLERANCE}) as newest,
                 (select ${epoch(`max(${column})`)} ${rows}) as last,
                 pg_typeof((select max(${column}) ${rows} and false))::text as type`
}

/** One scan of the range that the partitions span, by an index where there is one. */
async function presentPartitions(
  client: pg.PoolClient,
  table: string,
  probe: DataProbe,
  partitions: readonly DuePartition[],
): Promise<string[]> {
  const column = columnOf(probe)
  // Those that differ by a fixed key alone share their time, and what the table has of it.
  const starts = [...new Set(partitions.map(({ start }) => start.getTime()))].map((start) => new Date(start))
  const end = partitions.at(-1)!.end
  const { rows } = await client.query<{ bucket: number }>(
    `select distinct width_bucket(${column}::timestamptz, $1::timestamptz[]) as bucket
     from ${quoteTable(table)}
     where ${column} >= $2::timestamptz and ${column} < $3::timestamptz${condition(probe)}`,
    [starts, starts[0], end],
  )
  const found = new Set(rows.map(({ bucket }) => starts[bucket - 1]?.getTime()))
  return partitions.filter(({ start }) => found.has(start.getTime())).map(({ key }) => key)
}

/** As the author wrote it, on lines of its own: a comment at its end ends there. */
function condition({ filter }: DataProbe): string {
  return filter === null ? "" : ` and (\n${filter}\n)`
}

function columnOf({ column, expression }: DataProbe): string {
  return column === null ? `(\n${expression}\n)` : quoteIdentifier(column)
}

/** By the extended protocol, which takes one statement: nothing follows what the author wrote. */
function runAlone<Row extends pg.QueryResultRow>(client: pg.PoolClient, text: string): Promise<pg.QueryResult<Row>> {
  return client.query<Row>({ text, queryMode: "extended" } as pg.QueryConfig)
}

function toNewest({ newest, last }: NewestRow, presentKeys: string[]): NewestData {
  // `infinity` is later, and `-infinity` earlier, than any date of ours.
  const toDate = (ms: number | null) => {
    if (ms === null || ms === Number.NEGATIVE_INFINITY) return null
    return new Date(Math.min(Math.floor(ms), 8.64e15))
  }
  const isAhead = last !== null && last !== newest
  return { newest: toDate(newest), future: isAhead ? toDate(last) : null, presentKeys }
}
