import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import type { CheckReceipt, FreshnessDetail, FreshnessPage } from "#lib/contracts/api/freshness.ts"
import { TestApi } from "#test/api-client.ts"
import { log } from "../log.ts"

log.level = "silent"
let t: TestApi
before(async () => {
  t = await TestApi.open()
  await t.store.pool.query(
    `insert into dataset (id, owner, tags)
     select 'warehouse.many.t' || lpad(n::text, 5, '0'), 'owner ' || n % 5, array['tag ' || n % 3]
     from generate_series(1, 2000) n`,
  )
  await t.store.pool.query(
    `insert into freshness_status (dataset_id, origin, policy, state, since, due_at, loaded_at, arrivals, interval_ms,
                                   interval_spread_ms, message)
     select id, 'policy',
            '{"measure":"loads","probe":null,"maxAge":{"warnAfterMs":null,"errorAfterMs":3600000},"deadline":null,
              "partitions":null,"everyMs":null}',
            case when n <= 3 then 'error' when n <= 8 then 'warn' when n <= 10 then 'unknown' else 'fresh' end,
            now() - interval '3 days', now() + (n || ' minutes')::interval, now(),
            array[now()], case when n between 11 and 14 then 3600000 end, 1000, 'as it is'
     from (select id, row_number() over (order by id) as n from dataset where id like 'warehouse.many.%') d`,
  )
  await t.store.pool.query(
    `insert into freshness_interval (dataset_id, state, from_at, to_at)
     select dataset_id, 'fresh', now() - interval '20 days', now() - interval '3 days' from freshness_status
     union all
     select dataset_id, state, now() - interval '3 days', null from freshness_status`,
  )
  await t.store.pool.query("analyze")
})
after(() => t.close())

const names = (page: FreshnessPage) => page.items.map(({ datasetId }) => Number(datasetId.slice(-5)))

test("lists two thousand datasets worst first, a page at a time", async () => {
  const first = await t.get<FreshnessPage>("/freshness?limit=100")
  // Late, warnings, at risk by their rhythm, unknown, and then the rest by what is due first.
  assert.deepEqual(names(first).slice(0, 16), [1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 9, 10, 15, 16])
  assert.equal(first.total, 2_000)
  assert.deepEqual(first.summary.standings, { error: 3, warn: 5, at_risk: 4, unknown: 2, loading: 0, fresh: 1986 })
  assert.ok(Math.abs(first.items[0]!.kept! - 17 / 20) < 0.001)
  assert.match(first.items[0]!.days, /^-{9,10}f{16,18}e{3,4}$/)
  const second = await t.get<FreshnessPage>(`/freshness?limit=100&cursor=${first.nextCursor}`)
  assert.equal(names(second)[0], names(first).at(-1)! + 1)
})

test("narrows the list by state, owner, tag and text, and orders it by deadline or owner", async () => {
  assert.deepEqual(names(await t.get("/freshness?state=error,warn&owner=owner%201")), [1, 6])
  assert.deepEqual(names(await t.get("/freshness?state=at_risk&tag=tag%200")), [12])
  assert.deepEqual(names(await t.get("/freshness?q=T0190")).slice(0, 2), [1900, 1901])
  assert.deepEqual(names(await t.get("/freshness?sort=deadline&limit=3")), [1, 2, 3])
  assert.deepEqual(names(await t.get("/freshness?sort=owner&limit=3")), [5, 10, 15])
  const nothing = await t.get<FreshnessPage>("/freshness?q=nowhere")
  assert.deepEqual([nothing.items, nothing.total, nothing.nextCursor], [[], 0, null])
})

test("refuses zones, states and cursors that are none", async () => {
  for (const query of ["zone=Mars", "state=late", "cursor=abc", "sort=best"]) {
    assert.equal((await t.request(`/freshness?${query}`)).status, 400, query)
  }
})

test("shows one with its history, asks for a look at it, and knows nothing of what is not watched", async () => {
  const { freshness, monitor } = await t.get<FreshnessDetail>("/freshness/warehouse.many.t00001?zone=Europe/Berlin")
  assert.equal(monitor, null)
  assert.deepEqual(
    freshness?.history.map(({ state }) => state),
    ["error", "fresh"],
  )
  const { askedAt } = await t.post<CheckReceipt>("/freshness/warehouse.many.t00001/check", {})
  const { rows } = await t.store.pool.query(
    "select check_at from freshness_status where dataset_id = 'warehouse.many.t00001'",
  )
  assert.equal(rows[0].check_at.toISOString(), askedAt)
  assert.equal((await t.get<FreshnessDetail>("/freshness/warehouse.no.thing")).freshness, null)
  assert.equal((await t.request("/freshness/warehouse.no.thing/check", { method: "POST" })).status, 409)
})
