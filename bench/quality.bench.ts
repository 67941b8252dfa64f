import pg from "pg"
import { readExpectation } from "#lib/contracts/expectations/read-expectation.ts"
import type { Expectation } from "#lib/contracts/expectations/registry.ts"
import { measureExpectations } from "#lib/engines/postgres/expectations/measure.ts"
import { createTestDatabase } from "#test/db.ts"
import { median, type Row } from "./harness.ts"

/** `HEADRACE_BENCH_ROWS=10000000` for the larger table. */
const ROWS = Number(process.env.HEADRACE_BENCH_ROWS ?? 1_000_000)
const ROUNDS = ROWS > 2_000_000 ? 3 : 5

const COLUMNS = [
  ...["id", "customer_id", "status", "total", "currency", "email", "quantity", "discount", "created_at", "shipped_at"],
]

/**
 * Fifty expectations over the ten columns of an orders table without any index, of which a few fail: measured together, against
 * `select count(…)` of the same ten columns, and against each expectation as a query of its own. All three alternate, so that a
 * slow moment of the machine hits them alike.
 */
export default {
  name: "quality",
  async run(): Promise<Row[]> {
    const database = await createTestDatabase()
    const client = new pg.Client({ connectionString: database.warehouseUrl })
    await client.connect()
    try {
      await fill(client)
      const expectations = EXPECTATIONS.map(toExpectation)
      const scans: number[] = []
      const together: number[] = []
      const alone: number[] = []
      const counts = `select ${COLUMNS.map((column) => `count(${column})`).join(", ")} from shop.orders`
      let statements = 0
      for (let round = 0; round < ROUNDS; round++) {
        scans.push(await timed(() => client.query(counts)))
        together.push(
          await timed(async () => {
            const measured = await measureExpectations(client, "shop.orders", expectations, { isInTransaction: false })
            statements = measured.statements
            const wrong = measured.measures.find(({ problem }) => problem !== null)
            if (wrong) throw new Error(wrong.problem!)
          }),
        )
        if (round >= 2) continue
        alone.push(
          await timed(async () => {
            for (const one of expectations) {
              await measureExpectations(client, "shop.orders", [one], { isInTransaction: false })
            }
          }),
        )
      }
      const [scan, all, each] = [median(scans), median(together), median(alone)]
      const size = `${expectations.length} expectations, ${(ROWS / 1e6).toFixed(0)} M rows`
      return [
        {
          name: `quality, ${size}`,
          value: all * 1_000,
          unit: "ms",
          ratio: all / scan,
          of: "count(…) of the same columns",
        },
        { name: "quality, statements", value: statements, unit: "" },
        { name: "quality, count(…) of ten columns", value: scan * 1_000, unit: "ms" },
        {
          name: "quality, each as its own query",
          value: each * 1_000,
          unit: "ms",
          ratio: each / all,
          of: "all together",
        },
      ]
    } finally {
      await client.end()
      await database.drop()
    }
  },
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return (performance.now() - started) / 1_000
}

/** One row in a thousand lacks its e-mail, one in ten thousand has another status. */
async function fill(client: pg.Client): Promise<void> {
  await client.query(
    `create schema shop;
     create unlogged table shop.orders (id bigint, customer_id int, status text, total numeric(12, 2), currency text, email text,
       quantity int, discount float8, created_at timestamptz, shipped_at timestamptz);
     insert into shop.orders
     select n, n * 7919::bigint % 100000,
            case when n % 10000 = 0 then 'odd' else (array['new', 'paid', 'sent', 'done', 'returned'])[1 + n % 5] end,
            (n % 50000) / 100.0, (array['EUR', 'USD', 'CHF'])[1 + n % 3],
            case when n % 1000 <> 0 then 'customer' || n % 100000 || '@example.com' end,
            1 + n % 9, (n % 30) / 100.0, timestamptz '2026-01-01Z' + n * interval '1 second',
            case when n % 4 <> 0 then timestamptz '2026-01-02Z' + n * interval '1 second' end
     from generate_series(1, ${ROWS}) as n`,
  )
  await client.query("vacuum analyze shop.orders")
}

function toExpectation(written: object): Expectation {
  const read = readExpectation(written)
  if ("issues" in read) throw new Error(JSON.stringify(read.issues))
  return read.expectation
}

/** What people ask of such a table: mostly whether values are there and in range, some forms, keys, figures and pairs. */
export const EXPECTATIONS: object[] = [
  ...COLUMNS.map((column) => ({ not_null: column, ...(column === "shipped_at" && { mostly: 0.7 }) })),
  { unique: "id" },
  { between: { column: "id", min: 1 } },
  { between: { column: "customer_id", min: 0, max: 1_000_000 } },
  { between: { column: "total", min: 0 } },
  { between: { column: "total", max: 10_000 } },
  { between: { column: "quantity", min: 1, max: 100 } },
  { between: { column: "quantity", max: 8, mostly: 0.5 } },
  { between: { column: "discount", min: 0, max: 1 } },
  { between: { column: "discount", max: 0.5, strict_max: true } },
  { between: { column: "created_at", min: "2020-01-01" } },
  { between: { column: "created_at", max: "2100-01-01" } },
  { between: { column: "shipped_at", min: "2020-01-01" } },
  { accepted_values: { column: "status", values: ["new", "paid", "sent", "done", "returned"] } },
  { accepted_values: { column: "currency", values: ["EUR", "USD", "CHF"] } },
  { not_in_set: { column: "status", values: ["", "N/A", "unknown"] } },
  { not_in_set: { column: "currency", values: ["", "XXX"] } },
  { not_in_set: { column: "customer_id", values: [-1, 999_999_999] } },
  { length: { column: "currency", value: 3 } },
  { length_between: { column: "status", min: 1, max: 20 } },
  { length_between: { column: "email", min: 5, max: 100 } },
  { like: { column: "email", like_pattern: "%@%" } },
  { matches: { column: "email", pattern: "^[^@]+@[^@]+$" } },
  { greater_than: { column_A: "shipped_at", column_B: "created_at", ignore_row_if: "either_value_is_missing" } },
  { satisfies: "discount <= 0.5 or total > 0" },
  { satisfies: "quantity > 0", where: "status = 'paid'" },
  { not_null: "email", where: "status = 'paid'", mostly: 0.99 },
  { not_null: "shipped_at", where: "status = 'sent'", mostly: 0.7 },
  { expect_column_mean_to_be_between: { column: "total", min_value: 1, max_value: 1_000 } },
  { expect_column_mean_to_be_between: { column: "quantity", min_value: 1, max_value: 9 } },
  { expect_column_sum_to_be_between: { column: "total", min_value: 1 } },
  { expect_column_stdev_to_be_between: { column: "discount", max_value: 1 } },
  { expect_column_min_to_be_between: { column: "total", min_value: 0 } },
  { expect_column_max_to_be_between: { column: "total", max_value: 10_000 } },
  { expect_column_min_to_be_between: { column: "created_at", min_value: "2020-01-01" } },
  { expect_column_max_to_be_between: { column: "quantity", max_value: 100 } },
  { expect_column_unique_value_count_to_be_between: { column: "status", min_value: 3, max_value: 10 } },
  { expect_column_distinct_values_to_contain_set: { column: "status", value_set: ["new", "paid"] } },
  { expect_column_unique_value_count_to_be_between: { column: "currency", min_value: 1, max_value: 5 } },
  { row_count: { min: 1 } },
  { freshness: { column: "created_at", max_age: "36500d" } },
]
