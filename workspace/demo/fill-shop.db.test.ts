import assert from "node:assert/strict"
import { after, before, describe, test } from "node:test"
import pg from "pg"
import { createDatabase, createTestDatabase, type TestDatabase } from "#test/db.ts"
import { fillShop, parseFillArguments } from "./fill-shop.ts"
import { moveShop } from "./move-shop.ts"

const SMALL = { customers: 200, products: 30, days: 14, ordersPerDay: 40, until: "2026-03-31" }
const TABLES = ["customers", "products", "campaigns", "campaign_touches", "orders", "order_items"]

describe("the demo shop", () => {
  let database: TestDatabase
  before(async () => {
    database = await createTestDatabase()
  })
  after(() => database.drop())

  test("is the same for the same plan, and another for another seed", async () => {
    const [one, same, other] = await Promise.all([newShop({}), newShop({}), newShop({ seed: 2 })])
    assert.deepEqual(await fingerprint(one), await fingerprint(same))
    assert.notDeepEqual(await fingerprint(one), await fingerprint(other))
  })

  test("is kept by a second call, and by one that names only what holds already", async () => {
    const url = await newShop({})
    const before = await fingerprint(url)
    assert.equal((await fillShop(url)).outcome, "kept")
    assert.equal((await fillShop(url, { customers: 200 })).outcome, "kept")
    assert.deepEqual(await fingerprint(url), before)
  })

  test("is filled once by several callers at a time", async () => {
    const url = await createDatabase("shop")
    const results = await Promise.all([1, 2, 3].map(() => fillShop(url, SMALL)))
    assert.deepEqual(results.map(({ outcome }) => outcome).sort(), ["filled", "kept", "kept"])
  })

  test("is not replaced by another one unless told to", async () => {
    const url = await newShop({})
    await assert.rejects(fillShop(url, { ...SMALL, seed: 2 }), /seed is 1, not 2\): add --reset/)
    assert.equal((await fillShop(url, { ...SMALL, seed: 2, reset: true })).outcome, "filled")
    assert.deepEqual(await fingerprint(url), await fingerprint(await newShop({ seed: 2 })))
  })

  test("leaves a database alone that has tables of the same names", async () => {
    const url = await createDatabase("shop")
    await query(url, "create table public.orders (mine integer)")
    await assert.rejects(fillShop(url, SMALL), /tables that are not the demo's/)
    assert.deepEqual(await query(url, "select to_regclass('public.customers') as customers"), [{ customers: null }])
  })

  test("lives through the same days whether moved in one step or in several", async () => {
    const [whole, steps] = await Promise.all([newShop({}), newShop({})])
    const days = ["2026-04-01", "2026-04-02", "2026-04-03", "2026-04-04"]
    assert.deepEqual(
      (await moveShop(whole, { day: "2026-04-04" })).map(({ day }) => day),
      days,
    )
    for (const day of days) await moveShop(steps, { day })
    assert.deepEqual(await fingerprint(whole), await fingerprint(steps))
  })

  test("lives through a day once", async () => {
    const url = await newShop({})
    await moveShop(url, { day: "2026-04-02" })
    const before = await fingerprint(url)
    assert.deepEqual(await moveShop(url, { day: "2026-04-02" }), [])
    assert.deepEqual(await moveShop(url, { day: "2026-03-20" }), [])
    assert.deepEqual(await fingerprint(url), before)
  })

  test("refuses to jump more than 400 days", async () => {
    await assert.rejects(moveShop(await newShop({}), { day: "2028-01-01" }), /more than 400 days ahead/)
  })

  test("brings everything a warehouse must cope with within a month", async () => {
    const url = await newShop({})
    const moved = await moveShop(url, { day: "2026-04-30" })
    const totals: Record<string, number> = {}
    for (const { changes } of moved) {
      for (const [what, count] of Object.entries(changes)) totals[what] = (totals[what] ?? 0) + count
    }
    for (const [what, count] of Object.entries(totals)) assert.ok(count > 0, `${what} never happened`)
    assert.equal(totals.orders_late, 90)
    assert.deepEqual(
      await query(
        url,
        `select
           bool_and(updated_at >= created_at) as is_ordered,
           max(updated_at) < '2026-05-01' as is_past,
           bool_or(customer_id is null) as has_erased
         from public.orders`,
      ),
      [{ is_ordered: true, is_past: true, has_erased: true }],
    )
    assert.deepEqual(
      await query(
        url,
        `select orders.status, count(distinct orders.order_id)::int as orders
         from public.orders left join public.order_items using (order_id)
         group by orders.status
         having bool_or(order_item_id is null) = (orders.status <> 'cancelled')`,
      ),
      [],
      "exactly the cancelled orders have lost their lines",
    )
  })

  test("commits late orders with times within six hours below the day's start", async () => {
    const url = await newShop({})
    const before = await query<{ last: string }>(url, "select max(order_id) as last from public.orders")
    await moveShop(url, { day: "2026-04-01" })
    assert.deepEqual(
      await query(
        url,
        `select count(*)::int as late, min(updated_at) > '2026-03-31T18:00Z' as is_within_lookback
         from public.orders where order_id > $1 and updated_at < '2026-04-01T00:00Z'`,
        [before[0]?.last],
      ),
      [{ late: 3, is_within_lookback: true }],
    )
  })
})

describe("the arguments of fill-shop", () => {
  test("name the size, single numbers and the last day", () => {
    assert.deepEqual(parseFillArguments(["--size", "medium", "--customers", "5", "--until", "2026-03-31"]), {
      size: "medium",
      customers: 5,
      until: "2026-03-31",
      reset: false,
    })
  })
  test("are refused with the option's name when wrong", () => {
    assert.throws(() => parseFillArguments(["--size", "huge"]), /--size must be small, medium or large/)
    assert.throws(() => parseFillArguments(["--days", "0"]), /--days must be a whole number from 1/)
    assert.throws(() => parseFillArguments(["--until", "2026-02-30"]), /--until must be a day/)
  })
})

async function newShop(values: Partial<typeof SMALL & { seed: number }>): Promise<string> {
  const url = await createDatabase("shop")
  await fillShop(url, { ...SMALL, ...values })
  return url
}

/** A digest of each table's rows, whatever order they lie in. */
async function fingerprint(url: string): Promise<unknown> {
  const parts = TABLES.map((table) => {
    return `select '${table}' as name, count(*)::int as rows, md5(string_agg(t::text, ';' order by t::text)) as digest
      from public.${table} as t`
  })
  return query(url, parts.join(" union all "))
}

async function query<Row = Record<string, unknown>>(url: string, text: string, params: unknown[] = []): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(text, params)).rows as Row[]
  } finally {
    await client.end()
  }
}
