import assert from "node:assert/strict"
import { execFile } from "node:child_process"
import path from "node:path"
import { after, before, describe, test } from "node:test"
import { promisify } from "node:util"
import pg from "pg"
import { createBackfill } from "#lib/actions/create-backfill.ts"
import { createBackfillSchema } from "#lib/contracts/api/backfills.ts"
import { createDatabase, createTestDatabase, type TestDatabase } from "./db.ts"
import { type FinishedRun, openWorkspace, type WorkspaceRuns } from "./workspace-runs.ts"

const WORKSPACE = path.join(import.meta.dirname, "../workspace")
const MARTS = ["dim_customers", "dim_products", "dim_date", "fct_orders", "mrt_campaign_performance"]

describe("the demo workspace", () => {
  let database: TestDatabase
  let shopUrl: string
  let shop: pg.Client
  let warehouse: pg.Client
  let workspace: WorkspaceRuns

  before(async () => {
    database = await createTestDatabase()
    shopUrl = await createDatabase("shop")
    const size = ["--customers", "300", "--products", "40", "--days", "20", "--orders-per-day", "60"]
    // A fixed day: which rows are wrong depends on it.
    await demo("fill-shop.ts", ...size, "--until", "2026-03-31")
    shop = new pg.Client({ connectionString: shopUrl })
    warehouse = new pg.Client({ connectionString: database.warehouseUrl })
    await Promise.all([shop.connect(), warehouse.connect()])
    workspace = await openWorkspace(database, WORKSPACE, { shop: shopUrl })
  })
  after(async () => {
    await workspace?.stop()
    await Promise.all([shop?.end(), warehouse?.end()])
    await database?.drop()
  })

  /** Runs a program of the demo as its users do: nothing outside workspace/ imports from it. */
  const demo = (program: string, ...args: string[]) =>
    promisify(execFile)(process.execPath, [path.join(WORKSPACE, "demo", program), ...args], {
      env: { ...process.env, SHOP_URL: shopUrl },
    })
  const query = async (text: string, params: unknown[] = []) => (await warehouse.query(text, params)).rows
  const run = async (pipelineId: string, params = {}): Promise<FinishedRun> => {
    const finished = await workspace.run(pipelineId, params)
    assert.deepEqual(finished.failures, {})
    assert.equal(finished.state, "success")
    return finished
  }

  test("loads without a problem", async () => {
    const { rows } = await workspace.store.pool.query("select file, line, message from workspace_problem")
    assert.deepEqual(rows, [])
  })

  test("brings the shop into the marts, and says so", async () => {
    const finished = await run("daily_etl")
    assert.equal(finished.tasks.notify_success, "success")
    assert.equal(finished.tasks.notify_failure, "skipped")
    await assertMartsFitShop()
    const { rows } = await workspace.store.pool.query(
      "select subject, state from notification where run_id = $1 order by id",
      [finished.id],
    )
    assert.deepEqual(rows, [{ subject: "Shop data is ready", state: "sent" }])
  })

  test("finds the shop's slips as warnings that stop nothing", async () => {
    const { rows } = await workspace.store.pool.query("select distinct severity from check_result where not passed")
    assert.deepEqual(rows, [{ severity: "warn" }])
  })

  test("gives the same tables when it runs again", async () => {
    const before = await digests(MARTS)
    const again = await run("daily_etl")
    for (const table of ["customers", "products", "orders", "order_items", "campaigns", "campaign_touches"]) {
      const { inserted = 0, updated = 0, deleted = 0 } = again.rows[`warehouse.raw.${table}`] ?? {}
      assert.deepEqual([inserted, updated, deleted], [0, 0, 0], table)
    }
    assert.deepEqual(await digests(MARTS), before)
  })

  test("follows the shop through late, changed and vanished rows", async () => {
    for (let step = 0; step < 3; step++) {
      const next = await shop.query(
        `select (coalesce((select max(day) from demo.moved_day), until) + 2)::text as day from demo.fill`,
      )
      await run("shop_simulator", { day: next.rows[0].day })
      await run("daily_etl")
      await assertMartsFitShop()
    }
    const history = await query("select count(*)::int - count(distinct order_id)::int as versions from raw.orders")
    assert.ok(history[0].versions > 100, "the raw history keeps every state an order was seen in")
  })

  test("merges orders into a partition a month, none of which is behind", async () => {
    const stale = await query(
      `select count(*)::int as orders
       from staging.stg_orders as shop
       full join marts.fct_orders as mart using (order_id)
       where shop.updated_at is distinct from mart.updated_at or shop.status is distinct from mart.status`,
    )
    assert.deepEqual(stale, [{ orders: 0 }])
    const partitions = await query(
      `select count(*)::int as months, sum((select count(*) from marts.fct_orders where tableoid = inhrelid))::int as orders
       from pg_inherits
       where inhparent = 'marts.fct_orders'::regclass and pg_get_expr(
         (select relpartbound from pg_class where oid = inhrelid), inhrelid) <> 'DEFAULT'`,
    )
    const months = await query(
      "select count(distinct date_trunc('month', order_date))::int as months, count(*)::int as orders from marts.fct_orders",
    )
    assert.deepEqual(partitions, months)
    assert.ok(months[0].months > 1)
  })

  test("keeps what customers were, without overlaps, and forgets who was erased", async () => {
    const [found] = await query(
      `select
         count(*) filter (where not is_current)::int as ended,
         count(*) filter (where email is null and is_current)::int as nameless,
         count(*) filter (where email is not null and customer_id not in (select customer_id from staging.stg_customers))::int
           as remembered,
         (select count(*)::int from marts.dim_customers_masked where email !~ '^…@' and email ~ '@') as unmasked
       from marts.dim_customers`,
    )
    assert.ok(found.ended > 0)
    assert.deepEqual({ ...found, ended: 0 }, { ended: 0, nameless: 0, remembered: 0, unmasked: 0 })
    for (const table of ["marts.dim_customers", "snapshots.customers_snapshot"]) {
      const overlap = `insert into ${table} (customer_id, valid_from) select customer_id, valid_from - interval '1 day'
        from ${table} limit 1`
      const keyed = overlap.replace("(customer_id", "(customer_key, customer_id").replace("select", "select 'x',")
      await assert.rejects(query(table.startsWith("marts") ? keyed : overlap), { code: "23P01" }, table)
    }
  })

  test("fills the vault from every version that came in, each once", async () => {
    const [vault] = await query(
      `select
         (select count(*)::int from vault.hub_customers) as customers,
         (select count(*)::int from vault.hub_orders) as orders,
         (select count(*)::int from vault.link_orders_customers) as links,
         (select count(*)::int from vault.sat_customers) as versions`,
    )
    const [raw] = await query(
      `select
         (select count(distinct customer_id)::int from raw.customers) as customers,
         (select count(distinct order_id)::int from raw.orders) as orders,
         (select count(distinct (order_id, customer_id))::int from raw.orders where customer_id is not null) as links,
         (select count(*)::int from (
           select said, lag(said) over (partition by customer_id order by _headrace_version) as before
           from raw.customers as c
           cross join lateral (select to_jsonb(c) - array['updated_at', '_headrace_hash', '_headrace_version',
             '_headrace_loaded_at', '_headrace_run_id'] as said) as s) as v
          where said is distinct from before) as versions`,
    )
    assert.deepEqual(vault, raw)
  })

  test("moves a day of the shop once", async () => {
    const { rows } = await shop.query("select max(day)::text as day from demo.moved_day")
    assert.equal((await run("shop_simulator", { day: rows[0].day })).tasks.advance_shop, "skipped")
  })

  test("loads a range of days partition by partition, and again with the same result", async () => {
    // A day on which something is wrong, and its neighbours.
    const bad = await shop.query(
      `select (placed_at at time zone 'UTC')::date::text as day
       from public.orders join public.order_items using (order_id)
       where unit_price < 0 and status <> 'returned' order by placed_at limit 1`,
    )
    const day = bad.rows[0].day as string
    const at = (offset: number) => new Date(Date.parse(day) + offset * 86_400_000).toISOString().slice(0, 10)
    await backfill(at(-1), at(1))
    const loaded = await digests(["fct_daily_sales"])
    const expected = await shop.query(
      `select
         count(*) filter (where is_good)::int as lines,
         count(*) filter (where not is_good)::int as rejected,
         sum(round(unit_price * quantity * (1 - discount), 2)) filter (where is_good)::text as net
       from public.orders
       join public.order_items using (order_id)
       cross join lateral (select unit_price > 0 and shipping_country is not null as is_good) as judged
       where status <> 'returned' and placed_at >= $1::timestamptz and placed_at < $2::timestamptz`,
      [`${at(-1)}T00:00Z`, `${at(2)}T00:00Z`],
    )
    const sales = await query(
      `select count(*)::int as lines, (select count(*)::int from marts.fct_daily_sales__rejected) as rejected,
         sum(net_amount)::text as net
       from marts.fct_daily_sales`,
    )
    assert.deepEqual(sales, expected.rows)
    assert.ok(sales[0].rejected > 0)
    await backfill(at(-1), at(1))
    assert.deepEqual(await digests(["fct_daily_sales"]), loaded)
  })

  async function backfill(from: string, to: string): Promise<void> {
    const request = createBackfillSchema.parse({ pipelineId: "data_backfill", from, to, concurrency: 2 })
    const { id } = await createBackfill(workspace.store, { ...request, actor: "test" })
    const ended = await workspace.until("the backfill to end", async () => {
      const { rows } = await workspace.store.pool.query(
        `select
           state,
           (select count(*)::int from run where backfill_id = $1) as runs,
           (select json_agg(error_message) from run where backfill_id = $1 and error_message is not null) as errors
         from backfill where id = $1`,
        [id],
      )
      return rows[0].state === "running" ? null : rows[0]
    })
    assert.deepEqual(ended, { state: "success", runs: 3, errors: null })
  }

  /** Orders, amounts and people in the marts against those in the shop, counted by SQL of another shape. */
  async function assertMartsFitShop(): Promise<void> {
    const inShop = await shop.query(
      `select
         (select count(*)::int from public.orders) as orders,
         (select count(*)::int from public.orders where customer_id is null) as nameless,
         (select count(*)::int from public.customers) as customers,
         (select count(*)::int from public.customers where segment = 'vip') as vips,
         (select count(*)::int from public.products) as products,
         (select sum(price)::text from public.products) as prices,
         (select count(*)::int from public.campaigns) as campaigns,
         sum(round(unit_price * quantity * (1 - discount), 2))::text as revenue
       from public.orders join public.order_items using (order_id)
       where status not in ('cancelled', 'returned')`,
    )
    const inMarts = await query(
      `select
         count(*)::int as orders,
         count(*) filter (where customer_id is null)::int as nameless,
         (select count(*)::int from marts.dim_customers where is_current) as customers,
         (select count(*)::int from marts.dim_customers where is_current and segment = 'vip') as vips,
         (select count(*)::int from marts.dim_products) as products,
         (select sum(price)::text from marts.dim_products) as prices,
         (select count(*)::int from marts.mrt_campaign_performance) as campaigns,
         sum(revenue)::text as revenue
       from marts.fct_orders`,
    )
    assert.deepEqual(inMarts, inShop.rows)
  }

  async function digests(tables: string[]): Promise<unknown> {
    const parts = tables.map(
      (
        table,
      ) => `select '${table}' as name, count(*)::int as rows, md5(string_agg(t::text, ';' order by t::text)) as digest
        from marts.${table} as t`,
    )
    return query(parts.join(" union all "))
  }
})
