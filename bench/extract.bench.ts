import { pipeline } from "node:stream/promises"
import pg from "pg"
import { from as copyFrom, to as copyTo } from "pg-copy-streams"
import { extractOperator } from "#jobs/operators/extract.ts"
import { extractOptionsSchema } from "#lib/contracts/operators/extract.ts"
import { createDatabase, createTestDatabase } from "#test/db.ts"
import { connectionsTo, makeOperatorContext } from "#test/operator-context.ts"

const ROWS = 1_000_000
const ROUNDS = 3
const COLUMNS = [
  "id",
  "customer_id",
  "status",
  "total",
  "currency",
  "channel",
  "items",
  "discount",
  "created_at",
  "updated_at",
]

/** Ten columns of the kinds an orders table has; the copy's target is equal to it, primary key included. */
const TABLE = `(id bigint primary key, customer_id integer not null, status text, total numeric(12, 2), currency char(3),
  channel text, items integer, discount double precision, created_at timestamptz, updated_at timestamptz)`

/**
 * One million rows of ten columns from one database into another on the same server: the `extract` operator's first load
 * (with hashes, key and ledger), against `COPY … TO STDOUT` piped into `COPY … FROM STDIN`, as psql's \copy does it. Both
 * alternate, so that a slow moment of the machine hits both. Then a second extract of the same rows, which finds nothing
 * to change.
 */
export default {
  name: "extract",
  async run() {
    const database = await createTestDatabase()
    const shop = await createDatabase("shop")
    const source = new pg.Client({ connectionString: shop })
    const warehouse = new pg.Client({ connectionString: database.warehouseUrl })
    const connections = connectionsTo({ warehouse: database.warehouseUrl, connections: { shop } })
    await Promise.all([source.connect(), warehouse.connect()])
    try {
      await fillSource(source)
      const copies: number[] = []
      const firstLoads: number[] = []
      const secondLoads: number[] = []
      const extract = () => timed(() => extractOperator.run(makeOperatorContext({ options: OPTIONS, connections })))
      for (let round = 0; round < ROUNDS; round++) {
        await warehouse.query(`drop table if exists copied; create table copied ${TABLE}`)
        copies.push(await timed(() => copyTable(source, warehouse)))
        await warehouse.query("drop schema if exists raw cascade; checkpoint")
        firstLoads.push(await extract())
        secondLoads.push(await extract())
        await warehouse.query("checkpoint")
      }
      const [copy, first, second] = [copies, firstLoads, secondLoads].map((seconds) => ROWS / median(seconds))
      const of = "COPY TO | COPY FROM of the same rows"
      return [
        { name: "extract, first load", value: first!, unit: "rows/s", ratio: first! / copy!, of },
        { name: "extract again, nothing changed", value: second!, unit: "rows/s", ratio: second! / copy!, of },
        { name: "COPY TO | COPY FROM", value: copy!, unit: "rows/s" },
        { name: "memory of the process at its peak", value: process.resourceUsage().maxRSS / 1024, unit: "MB" },
      ]
    } finally {
      await Promise.all([source.end(), warehouse.end(), connections.end()])
      await database.drop()
    }
  },
}

const OPTIONS = extractOptionsSchema.parse({
  source: "shop",
  table: "public.orders",
  columns: COLUMNS,
  into: "raw.orders",
  keys: ["id"],
})

async function fillSource(source: pg.Client): Promise<void> {
  await source.query(`create table orders ${TABLE}`)
  await source.query(
    `insert into orders
     select i, i % 100000, (array['new', 'paid', 'shipped', 'returned'])[1 + i % 4], (i * 7919::bigint % 100000) / 100.0, 'EUR',
            (array['web', 'store', 'partner'])[1 + i % 3], i % 7, 0.05 * (i % 10),
            timestamptz '2025-01-01' + i * interval '7 seconds', timestamptz '2025-01-02' + i * interval '7 seconds'
       from generate_series(1, $1::integer) as i`,
    [ROWS],
  )
  await source.query("vacuum analyze orders")
}

async function copyTable(source: pg.Client, warehouse: pg.Client): Promise<void> {
  const reading = source.query(copyTo("copy orders to stdout"))
  await pipeline(reading, warehouse.query(copyFrom("copy copied from stdin")))
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1_000
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
