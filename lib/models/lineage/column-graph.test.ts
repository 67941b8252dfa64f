import assert from "node:assert/strict"
import { before, describe, test } from "node:test"
import { buildColumnGraph, type GraphModel } from "./column-graph.ts"
import type { ColumnId } from "./column-lineage.ts"
import { propagateTags } from "./column-tags.ts"
import { impactOf, traceUpstream } from "./impact.ts"
import { loadSqlParser } from "./parse-sql.ts"

before(loadSqlParser)

function source(id: string, columns: string[]): GraphModel {
  return { id, schema: "raw", name: id, sql: null, dependsOn: [], columns: columns.map((name) => ({ name })) }
}

function model(id: string, dependsOn: string[], sql: string): GraphModel {
  return { id, schema: "public", name: id, sql, dependsOn }
}

/** Declared the wrong way round, to show that order does not matter. */
const SHOP: GraphModel[] = [
  model("report", ["orders"], "select country, sum(amount) as total from orders group by country"),
  model(
    "orders",
    ["stg_orders", "stg_customers"],
    `with paid as (select * from stg_orders where status = 'paid')
     select paid.*, c.country, md5(c.email) as customer_key from paid left join stg_customers c on c.id = paid.customer_id`,
  ),
  model("mailing", ["stg_customers"], "select lower(email) as address from stg_customers where email is not null"),
  model(
    "domains",
    ["mailing"],
    "select split_part(address, '@', 2) as domain, count(address) as n from mailing group by 1",
  ),
  model("stg_orders", ["orders_raw"], "select * from raw.orders_raw"),
  model("stg_customers", ["customers_raw"], "select id, email, country from raw.customers_raw"),
  source("orders_raw", ["id", "customer_id", "amount", "status"]),
  source("customers_raw", ["id", "email", "country", "phone"]),
]

const text = ({ relation, column }: ColumnId) => `${relation}.${column}`
const column = (name: string): ColumnId => {
  const [relation, each] = name.split(".") as [string, string]
  return { relation, column: each }
}

describe("buildColumnGraph", () => {
  test("expands stars through the columns that models turned out to have", () => {
    const graph = buildColumnGraph(SHOP)
    assert.deepEqual(graph.columns.get("orders"), ["id", "customer_id", "amount", "status", "country", "customer_key"])
    assert.deepEqual(
      [...graph.lineages.values()].flatMap(({ gaps }) => gaps),
      [],
    )
  })

  test("orders models after what they read", () => {
    const order = [...buildColumnGraph(SHOP).lineages.keys()]
    assert.ok(order.indexOf("stg_orders") < order.indexOf("orders"))
    assert.ok(order.indexOf("orders") < order.indexOf("report"))
  })

  test("a model that cannot be parsed is a fault, and its given columns serve those behind it", () => {
    const broken = { ...model("stg_orders", ["orders_raw"], "select from where"), columns: [{ name: "id" }] }
    const graph = buildColumnGraph([broken, model("next", ["stg_orders"], "select * from stg_orders"), SHOP.at(-2)!])
    assert.deepEqual(
      graph.faults.map((fault) => [fault.model, fault.error.line]),
      [["stg_orders", 1]],
    )
    assert.deepEqual(graph.columns.get("next"), ["id"])
  })

  test("known columns fill in for a star over unknown ones", () => {
    const graph = buildColumnGraph([
      { ...source("mystery", []), columns: null },
      { ...model("copy", ["mystery"], "select * from raw.mystery"), columns: [{ name: "a" }] },
      model("use", ["copy"], "select a from copy"),
    ])
    assert.deepEqual(graph.columns.get("use"), ["a"])
    assert.deepEqual(graph.upstream(column("use.a")).map(text), ["copy.a"])
  })

  test("a cycle is refused with its path", () => {
    const models = [model("a", ["b"], "select 1"), model("b", ["a"], "select 1")]
    assert.throws(() => buildColumnGraph(models), /a → b → a|b → a → b/)
  })
})

describe("traceUpstream", () => {
  test("finds all that a value comes from, nearest first, and whether it is a copy", () => {
    const found = traceUpstream(buildColumnGraph(SHOP), column("report.total"))
    assert.deepEqual(
      found.map((each) => [text(each), each.influence, each.distance]),
      [
        ["orders.amount", "derived", 1],
        ["stg_orders.amount", "derived", 2],
        ["orders_raw.amount", "derived", 3],
      ],
    )
    const copies = traceUpstream(buildColumnGraph(SHOP), column("orders.country"))
    assert.deepEqual(
      copies.map(({ influence }) => influence),
      ["direct", "direct"],
    )
  })
})

describe("impactOf", () => {
  test("tells values, rows and what fails apart", () => {
    const impact = impactOf(buildColumnGraph(SHOP), column("customers_raw.email"))
    assert.deepEqual(impact.values.map(text), [
      "stg_customers.email",
      "orders.customer_key",
      "mailing.address",
      "domains.domain",
      "domains.n",
    ])
    assert.deepEqual(impact.rows, [
      { model: "mailing", kinds: ["filter"] },
      { model: "domains", kinds: ["group"] },
    ])
    assert.deepEqual(impact.breaks, ["stg_customers"])
    assert.deepEqual(impact.stale.toSorted(), ["domains", "mailing", "orders", "report"])
  })

  test("a column that only stars bring vanishes quietly until somebody names it", () => {
    const graph = buildColumnGraph(SHOP)
    const status = impactOf(graph, column("orders_raw.status"))
    assert.deepEqual(
      [status.breaks, status.vanishes.map(text), status.stale],
      [["orders"], ["stg_orders.status"], ["report"]],
    )
    const id = impactOf(graph, column("orders_raw.id"))
    assert.deepEqual([id.breaks, id.vanishes.map(text)], [[], ["stg_orders.id", "orders.id"]])
  })

  test("a column that only decides rows reaches the models behind", () => {
    const impact = impactOf(buildColumnGraph(SHOP), column("stg_customers.id"))
    assert.deepEqual(impact.values, [])
    assert.deepEqual(impact.rows, [{ model: "orders", kinds: ["join"] }])
    assert.deepEqual(impact.rowsThrough, ["report"])
  })

  test("nothing hangs on a column that nobody reads", () => {
    const impact = impactOf(buildColumnGraph(SHOP), column("customers_raw.phone"))
    assert.deepEqual([impact.values, impact.rows, impact.breaks], [[], [], []])
  })
})

describe("propagateTags", () => {
  const pii = (name: string) => ({ ...column(name), tag: "pii" })

  test("a tag goes with copies and derived values and stops where they are anonymised", () => {
    const { inherited, stopped } = propagateTags(buildColumnGraph(SHOP), [pii("customers_raw.email")])
    assert.deepEqual(inherited.map(text), ["stg_customers.email", "mailing.address", "domains.domain"])
    assert.deepEqual(inherited.at(-1)?.from, column("customers_raw.email"))
    assert.deepEqual(inherited.at(-1)?.through, column("mailing.address"))
    assert.deepEqual(
      stopped.map((each) => [text(each), each.by]),
      [
        ["orders.customer_key", "md5"],
        ["domains.n", "count"],
      ],
    )
  })

  test("a value beside its hash lets the tag through", () => {
    const graph = buildColumnGraph([
      source("t", ["mail"]),
      model("m", ["t"], "select md5(mail) || mail as x from raw.t"),
    ])
    const { inherited, stopped } = propagateTags(graph, [pii("t.mail")])
    assert.deepEqual([inherited.map(text), stopped], [["m.x"], []])
  })

  /** Whether an expression over a tagged column still carries the tag. */
  const carries: [string, boolean][] = [
    ["mail", true],
    ["lower(mail)", true],
    ["mail::varchar(10)", true],
    ["max(mail)", true],
    ["coalesce(mail, 'none')", true],
    ["left(mail, 2)", true],
    ["encode(mail::bytea, 'base64')", true],
    ["case when mail is null then 'no' else mail end", true],
    ["first_value(mail) over (order by mail)", true],
    ["md5(lower(mail))", false],
    ["encode(sha256(mail::bytea), 'hex')", false],
    ["encode(digest(mail, 'sha256'), 'hex')", false],
    ["count(distinct mail)", false],
    ["length(mail)", false],
    ["mail is not null", false],
    ["mail like '%@x'", false],
    ["mail in ('a', 'b')", false],
    ["mail between 'a' and 'b'", false],
    ["mail is distinct from 'a'", false],
    ["case when mail = 'a' then 1 else 0 end", false],
    ["case mail when 'a' then 1 end", false],
    ["bool_or(mail = 'a')", false],
    ["row_number() over (partition by mail)", false],
    ["exists (select 1 from raw.t u where u.mail = t.mail)", false],
  ]
  for (const [expression, expected] of carries) {
    test(`${expression} ${expected ? "carries" : "stops"} a tag`, () => {
      const graph = buildColumnGraph([source("t", ["mail"]), model("m", ["t"], `select ${expression} as x from raw.t`)])
      assert.equal(propagateTags(graph, [pii("t.mail")]).inherited.length === 1, expected)
    })
  }

  test("the rules can be set", () => {
    const models = [source("t", ["mail"]), model("m", ["t"], "select mask(mail) as a, left(mail, 2) as b from raw.t")]
    const rules = { functions: new Set(["mask"]), prefixLength: 2 }
    assert.deepEqual(propagateTags(buildColumnGraph(models, { rules }), [pii("t.mail")]).inherited, [])
  })
})
