import assert from "node:assert/strict"
import { before, describe, test } from "node:test"
import { catalogueOf } from "./catalogue.ts"
import { type ColumnLineage, traceColumns, traceScript } from "./column-lineage.ts"
import { loadSqlParser, SqlSyntaxError } from "./parse-sql.ts"

const TABLES: Record<string, string[]> = {
  "public.customers": ["id", "name", "email", "country"],
  "public.orders": ["id", "customer_id", "amount", "status", "ordered_at"],
  "public.payments": ["id", "order_id", "amount", "method"],
  "raw.events": ["id", "payload", "tags", "at"],
  "public.edges": ["parent", "child", "weight"],
}

const catalogue = catalogueOf(
  Object.entries(TABLES).map(([id, columns]) => {
    const [schema, name] = id.split(".") as [string, string]
    return { id: name, schema, name, columns: columns.map((column) => ({ name: column })) }
  }),
)

before(loadSqlParser)

/** `=orders.amount` copies, `~orders.amount` derives, `#orders.amount(md5)` is anonymised. */
function sources(lineage: ColumnLineage): Record<string, string> {
  return Object.fromEntries(
    lineage.columns.map((column) => [
      column.name,
      column.sources
        .map(({ relation, column, influence, anonymisedBy }) =>
          anonymisedBy !== null
            ? `#${relation}.${column}(${anonymisedBy})`
            : `${influence === "direct" ? "=" : "~"}${relation}.${column}`,
        )
        .sort()
        .join(" "),
    ]),
  )
}

/** `filter:orders.status join:…` in the order of kinds. */
function rows(lineage: ColumnLineage): string {
  return lineage.rows.map(({ kind, relation, column }) => `${kind}:${relation}.${column}`).join(" ")
}

function gaps(lineage: ColumnLineage): string[] {
  return lineage.gaps.map(({ kind, name }) => `${kind} ${name}`)
}

interface Example {
  says: string
  sql: string
  columns?: Record<string, string>
  rows?: string
  gaps?: string[]
}

function check(examples: Example[]): void {
  for (const example of examples) {
    test(example.says, () => {
      const lineage = traceColumns(example.sql, catalogue)
      if (example.columns) assert.deepEqual(sources(lineage), example.columns)
      if (example.rows !== undefined) assert.equal(rows(lineage), example.rows)
      assert.deepEqual(gaps(lineage), example.gaps ?? [])
    })
  }
}

describe("values", () => {
  check([
    {
      says: "a renamed column is an identical copy and an expression derives",
      sql: "select id as customer_id, upper(name) as name, 1 as one from customers",
      columns: { customer_id: "=customers.id", name: "~customers.name", one: "" },
    },
    { says: "a cast derives", sql: "select amount::int from orders", columns: { amount: "~orders.amount" } },
    {
      says: "a value that comes both as a copy and through an expression counts as a copy",
      sql: "select id from orders union all select id + 1 from orders",
      columns: { id: "=orders.id" },
    },
    {
      says: "the results of a case derive, and what is compared in its conditions cannot be read back",
      sql: "select case when status = 'paid' then amount else 0 end as paid from orders",
      columns: { paid: "#orders.status(=) ~orders.amount" },
    },
    {
      says: "a case over a value compares it",
      sql: "select case status when 'a' then amount end as x from orders",
      columns: { x: "#orders.status(case) ~orders.amount" },
    },
    {
      says: "coalesce, greatest, arrays, rows, concatenation and json take from all their parts",
      sql: `select coalesce(name, email) a, greatest(id, 1) b, array[name, email] c, row(name, id) d, name || email e,
              json_build_object('x', name) f, json_object('k': email) g, (array[id])[1] h from customers`,
      columns: {
        a: "~customers.email ~customers.name",
        b: "~customers.id",
        c: "~customers.email ~customers.name",
        d: "~customers.id ~customers.name",
        e: "~customers.email ~customers.name",
        f: "~customers.name",
        g: "~customers.email",
        h: "~customers.id",
      },
    },
    {
      says: "collation keeps a copy a copy",
      sql: `select name collate "C" as n from customers`,
      columns: { n: "=customers.name" },
    },
    {
      says: "filters and orders inside an aggregate decide about rows, not about the value",
      sql: "select sum(amount) filter (where status = 'paid') s, array_agg(id order by ordered_at) a from orders",
      columns: { s: "~orders.amount", a: "~orders.id" },
      rows: "filter:orders.status order:orders.ordered_at",
    },
    {
      says: "an ordered-set aggregate gives one of the values it orders",
      sql: "select percentile_cont(0.5) within group (order by amount) m from orders",
      columns: { m: "~orders.amount" },
      rows: "",
    },
    {
      says: "a window's partition and order decide about rows",
      sql: `select lag(amount) over w as before, row_number() over (partition by status) as n
              from orders window w as (partition by customer_id order by ordered_at)`,
      columns: { before: "~orders.amount", n: "" },
      rows: "window:orders.status window:orders.customer_id window:orders.ordered_at",
    },
    {
      says: "values have no sources",
      sql: "select * from (values (1, 'a'), (2, 'b')) as v(id, label)",
      columns: { id: "", label: "" },
    },
    {
      says: "names of columns without as are those Postgres gives",
      sql: `select count(*), amount::int, 1, case when true then 1 end, case when true then 1 else id end, now(), current_date,
              exists(select 1), array(select 1), (select max(id) from customers), 'x'::varchar, nullif(id, 1), row(1),
              least(1, 2), extract(year from ordered_at), interval '1 day', trim(status) from orders`,
      columns: {
        count: "",
        amount: "~orders.amount",
        "?column?": "",
        case: "",
        id: "~orders.id",
        now: "",
        current_date: "",
        exists: "",
        array: "",
        max: "~customers.id",
        varchar: "",
        nullif: "~orders.id",
        row: "",
        least: "",
        extract: "~orders.ordered_at",
        interval: "",
        btrim: "~orders.status",
      },
    },
  ])
})

describe("relations", () => {
  check([
    {
      says: "an expression of WITH hands its columns on, and its filters with them",
      sql: `with paid as (select id, amount from orders where status = 'paid'), big as (select * from paid where amount > 9)
            select id, amount * 2 as double from big`,
      columns: { id: "=orders.id", double: "~orders.amount" },
      rows: "filter:orders.status filter:orders.amount",
    },
    {
      says: "an expression of WITH that nobody uses decides nothing",
      sql: "with unused as (select id from orders where status = 'x') select id from customers",
      columns: { id: "=customers.id" },
      rows: "",
    },
    {
      says: "an expression of WITH hides a table of its name, but not inside itself",
      sql: "with orders as (select id as key, amount from orders) select * from orders",
      columns: { key: "=orders.id", amount: "=orders.amount" },
    },
    {
      says: "a name with a schema means the table, never an expression of WITH",
      sql: "with customers as (select 1 as one) select name from public.customers",
      columns: { name: "=customers.name" },
    },
    {
      says: "an inner WITH hides an outer one",
      sql: `with a as (select id as x from orders) select x from (with a as (select name as x from customers) select x from a) s`,
      columns: { x: "=customers.name" },
    },
    {
      says: "a list of names renames the columns of an expression of WITH",
      sql: "with a(x, y) as materialized (select id, name from customers) select y, x from a",
      columns: { y: "=customers.name", x: "=customers.id" },
    },
    {
      says: "a recursive expression carries sources through its own columns",
      sql: `with recursive walk(top, node, depth) as (
              select parent, child, 1 from edges
              union all
              select walk.top, edges.child, depth + 1 from walk join edges on edges.parent = walk.node
            ) select * from walk`,
      columns: { top: "=edges.parent", node: "=edges.child", depth: "" },
      rows: "join:edges.parent join:edges.child",
    },
    {
      says: "a recursive expression that turns its columns round gives each the sources of all",
      sql: `with recursive turn(a, b) as (
              select id, name from customers union all select b, email from turn join customers on true
            ) select a from turn`,
      columns: { a: "=customers.email =customers.id =customers.name" },
    },
    {
      says: "search and cycle add their columns",
      sql: `with recursive t(p, c) as (select parent, child from edges union all select e.parent, e.child from edges e, t where t.c = e.parent)
              search depth first by p set ord cycle c set seen using path select ord, seen, path from t`,
      columns: { ord: "~edges.parent", seen: "#edges.child(cycle)", path: "~edges.child" },
    },
    {
      says: "union meets by position under the names of the first",
      sql: "select id as key, name from customers union select amount, status from orders",
      columns: { key: "=customers.id =orders.amount", name: "=customers.name =orders.status" },
      rows: "group:customers.id group:customers.name group:orders.amount group:orders.status",
    },
    {
      says: "except takes no values from its right side, only decides with them",
      sql: "select id from customers except select customer_id from orders",
      columns: { id: "=customers.id" },
      rows: "filter:orders.customer_id group:customers.id",
    },
    {
      says: "a subquery in FROM sees no table beside it, a lateral one does",
      sql: `select c.id, last.amount from customers c
            cross join lateral (select amount from orders o where o.customer_id = c.id order by ordered_at desc limit 1) last`,
      columns: { id: "=customers.id", amount: "=orders.amount" },
      rows: "filter:orders.customer_id filter:customers.id order:orders.ordered_at",
    },
    {
      says: "a subquery in FROM that is not lateral cannot use its neighbours",
      sql: "select s.x from customers c, (select c.id as x) s",
      columns: { x: "" },
      gaps: ["unknown_column c.id"],
    },
    {
      says: "a scalar subquery copies and what ties it to the query is a filter",
      sql: "select name, (select max(amount) from orders where customer_id = c.id) as most from customers c",
      columns: { name: "=customers.name", most: "~orders.amount" },
      rows: "filter:orders.customer_id filter:customers.id",
    },
    {
      says: "exists reads no values, in filters decides with what ties it",
      sql: "select name from customers c where exists (select * from orders o where o.customer_id = c.id)",
      columns: { name: "=customers.name" },
      rows: "filter:orders.customer_id filter:customers.id",
    },
    {
      says: "in over a subquery tests against its values",
      sql: "select id in (select customer_id from orders) as bought from customers",
      columns: { bought: "#customers.id(in) #orders.customer_id(in)" },
    },
    {
      says: "functions in FROM derive from their arguments",
      sql: `select d::date as day, x.value ->> 'a' as a, ord, item from raw.events e
            cross join lateral jsonb_array_elements(e.payload) with ordinality as x(value, ord)
            cross join unnest(e.tags) as item, generate_series(now(), e.at, '1 day') as d`,
      columns: { day: "~events.at", a: "~events.payload", ord: "", item: "~events.tags" },
    },
    {
      says: "definitions name the columns of a function",
      sql: "select a, r.b from raw.events e, json_to_recordset(e.payload) as r(a int, b text)",
      columns: { a: "~events.payload", b: "~events.payload" },
    },
    {
      says: "json_table and xmltable give the columns they list",
      sql: `select j.id, j.deep, x.t from raw.events e,
              json_table(e.payload, '$[*]' columns (id int, nested path '$.x' columns (deep text))) as j,
              xmltable('/a' passing e.tags columns t text) as x`,
      columns: { id: "~events.payload", deep: "~events.payload", t: "~events.tags" },
    },
    {
      says: "several functions in one item stand side by side",
      sql: "select a, b, n from orders o, rows from (generate_series(1, o.id), unnest(array[o.amount])) with ordinality as t(a, b, n)",
      columns: { a: "~orders.id", b: "~orders.amount", n: "" },
    },
    {
      says: "a table sample is its table",
      sql: "select id from orders tablesample system (10)",
      columns: { id: "=orders.id" },
    },
  ])
})

describe("joins", () => {
  check([
    {
      says: "conditions of a join decide about rows",
      sql: "select c.name, o.amount from customers c left join orders o on o.customer_id = c.id and o.status = 'paid'",
      columns: { name: "=customers.name", amount: "=orders.amount" },
      rows: "join:orders.customer_id join:customers.id join:orders.status",
    },
    {
      says: "columns merged by using come first and once",
      sql: "select * from (select amount, id from orders) o join (select id, name from customers) c using (id)",
      columns: { id: "=orders.id", amount: "=orders.amount", name: "=customers.name" },
      rows: "join:orders.id join:customers.id",
    },
    {
      says: "a full join shows of a merged column what is there, a right join the right one",
      sql: "select f.id as f, r.id as r from (orders full join customers using (id)) f cross join (orders join_left right join customers using (id)) r",
      columns: { f: "~customers.id ~orders.id", r: "=customers.id" },
    },
    {
      says: "either side of a merged column can still be qualified",
      sql: "select o.id as o, c.id as c from orders o join customers c using (id)",
      columns: { o: "=orders.id", c: "=customers.id" },
    },
    {
      says: "a natural join merges what both sides have",
      sql: "select * from (select id, amount from orders) o natural join (select id, email from customers) c",
      columns: { id: "=orders.id", amount: "=orders.amount", email: "=customers.email" },
    },
    {
      says: "an alias of a join hides what is in it",
      sql: "select j.key from (orders o join customers c using (id)) as j(key) where o.id = 1",
      columns: { key: "=orders.id" },
      gaps: ["unknown_column o.id"],
    },
    {
      says: "an alias of using names the merged columns",
      sql: "select m.id from orders join customers using (id) as m",
      columns: { id: "=orders.id" },
    },
    {
      says: "a name that two relations have is ambiguous and gets no source",
      sql: "select amount from orders, payments",
      columns: { amount: "" },
      gaps: ["ambiguous_column amount"],
    },
  ])
})

describe("rows", () => {
  check([
    {
      says: "groups by position, by name and by expression find their columns",
      sql: "select status as s, date_trunc('day', ordered_at) as day, count(*) from orders group by 1, day, customer_id having sum(amount) > 1",
      columns: { s: "=orders.status", day: "~orders.ordered_at", count: "" },
      rows: "filter:orders.amount group:orders.status group:orders.ordered_at group:orders.customer_id",
    },
    {
      says: "group by takes a column of FROM before one of the list, order by the other way round",
      sql: "select id as status, count(*) from orders group by status, id order by status",
      rows: "group:orders.status group:orders.id order:orders.id",
    },
    {
      says: "grouping sets, rollup and cube group by all in them",
      sql: "select count(*) from orders group by grouping sets ((status, id), rollup (customer_id), cube (amount), ())",
      rows: "group:orders.status group:orders.id group:orders.customer_id group:orders.amount",
    },
    {
      says: "distinct groups by all columns, distinct on by those named",
      sql: "select * from (select distinct id from customers) c, (select distinct on (status) amount from orders) o",
      rows: "group:customers.id group:orders.status",
    },
    {
      says: "limits by a column's value filter",
      sql: "select id from orders limit (select max(id) from customers)",
      rows: "filter:customers.id",
    },
    {
      says: "the order of a union names its columns",
      sql: "select id, name from customers union all select id, status from orders order by 2, id",
      rows: "order:customers.name order:orders.status order:customers.id order:orders.id",
    },
  ])
})

describe("stars and whole rows", () => {
  check([
    {
      says: "stars expand in the order of the tables, a qualified one to its table alone",
      sql: "select c.*, o.amount from orders o join customers c on c.id = o.customer_id",
      columns: {
        id: "=customers.id",
        name: "=customers.name",
        email: "=customers.email",
        country: "=customers.country",
        amount: "=orders.amount",
      },
    },
    {
      says: "a list of names on a table renames its first columns",
      sql: "select * from customers as c(key, label)",
      columns: {
        key: "=customers.id",
        label: "=customers.name",
        email: "=customers.email",
        country: "=customers.country",
      },
    },
    {
      says: "a table's name as a value is its whole row, whose fields can be taken out again",
      sql: "select (r).email as mail, to_jsonb(c) as doc from (select c as r from customers c) s, (select id, name from customers) c",
      columns: { mail: "=customers.email", doc: "~customers.id ~customers.name" },
    },
    {
      says: "a whole row can be spread",
      sql: "select (c).* from (select id, name from customers) c",
      columns: { id: "=customers.id", name: "=customers.name" },
    },
    {
      says: "a field of a composite column derives from the column",
      sql: "select (e.payload).field, (payload).* from raw.events e",
      columns: { field: "~events.payload" },
      gaps: ["unknown_columns (payload).*"],
    },
    {
      says: "a star over an unknown relation is reported, not guessed",
      sql: "select u.*, c.id from elsewhere u, customers c",
      columns: { id: "=customers.id" },
      gaps: ["unknown_relation elsewhere", "unknown_columns elsewhere"],
    },
    {
      says: "a qualified name finds its unknown relation, through stars as well",
      sql: "with s as (select * from other.place) select s.key, t.a + 1 as b from s join customers c using (id), nowhere t",
      columns: { key: "=other.place.key", b: "~nowhere.a" },
      rows: "join:other.place.id join:customers.id",
      gaps: ["unknown_relation other.place", "unknown_relation nowhere"],
    },
    {
      says: "an unqualified name that no known relation has must come from the only unknown one",
      sql: "select name, score from customers, elsewhere",
      columns: { name: "=customers.name", score: "=elsewhere.score" },
      gaps: ["unknown_relation elsewhere"],
    },
    {
      says: "an unqualified name is not given to one of two unknown relations",
      sql: "select score from elsewhere, nowhere",
      columns: { score: "" },
      gaps: ["unknown_relation elsewhere", "unknown_relation nowhere", "ambiguous_column score"],
    },
    {
      says: "a union of stars over unknown columns goes by position and cannot be followed",
      sql: "select * from elsewhere union all select * from nowhere",
      columns: {},
      gaps: [
        "unknown_relation elsewhere",
        "unknown_relation nowhere",
        "unknown_columns elsewhere",
        "unknown_columns nowhere",
      ],
    },
  ])
})

describe("identifiers", () => {
  check([
    {
      says: "unquoted names are folded, quoted ones are not",
      sql: `select ID, "Id" from Customers cross join (select amount as "Id" from ORDERS) o`,
      columns: { id: "=customers.id", Id: "=orders.amount" },
    },
    {
      says: "a column that nobody has is reported",
      sql: "select c.nothing, nobody from customers c",
      columns: { nothing: "", nobody: "" },
      gaps: ["unknown_column c.nothing", "unknown_column nobody"],
    },
    { says: "system columns have no source", sql: "select ctid from customers", columns: { ctid: "" } },
    {
      says: "tables can be named with schema and database",
      sql: "select public.customers.id, wh.public.customers.name from wh.public.customers",
      columns: { id: "=customers.id", name: "=customers.name" },
    },
  ])
})

describe("statements that write", () => {
  check([
    {
      says: "create table as and create view give the columns of their query under their names",
      sql: "create view v(key, label) as select id, name from customers",
      columns: { key: "=customers.id", label: "=customers.name" },
    },
    {
      says: "insert goes by position into the columns it lists",
      sql: "insert into payments (amount, id) select amount, id from orders where status = 'paid'",
      columns: { amount: "=orders.amount", id: "=orders.id" },
      rows: "filter:orders.status",
    },
    {
      says: "insert without a list goes into the columns of the table in their order",
      sql: "with o as (select id, customer_id from orders) insert into edges select * from o",
      columns: { parent: "=orders.id", child: "=orders.customer_id" },
    },
    {
      says: "an upsert takes what it inserts and what it computes from old and new",
      sql: `insert into edges as e (parent, weight) select id, amount from orders
              on conflict (parent) do update set weight = e.weight + excluded.weight where e.child > 0`,
      columns: { parent: "=orders.id", weight: "=orders.amount ~edges.weight" },
      rows: "filter:edges.child join:orders.id",
    },
    {
      says: "update takes from its own row and from FROM",
      sql: "update orders o set amount = o.amount + p.amount, (status, id) = (select name, c.id from customers c where c.id = o.customer_id) from payments p where p.order_id = o.id",
      columns: {
        amount: "~orders.amount ~payments.amount",
        status: "=customers.name",
        id: "=customers.id",
      },
      rows: "filter:customers.id filter:orders.customer_id filter:payments.order_id filter:orders.id",
    },
    {
      says: "delete writes no column and filters by its condition",
      sql: "delete from orders using customers c where c.id = customer_id and c.country = 'x'",
      columns: {},
      rows: "filter:customers.id filter:orders.customer_id filter:customers.country",
    },
    {
      says: "merge writes what it updates and inserts",
      sql: `merge into edges t using (select id, amount from orders where status = 'x') s on t.parent = s.id
              when matched and t.weight > 1 then update set weight = s.amount
              when not matched then insert (parent, weight) values (s.id, s.amount * 2)`,
      columns: { weight: "=orders.amount", parent: "=orders.id" },
      rows: "filter:orders.status filter:edges.weight join:edges.parent join:orders.id",
    },
    {
      says: "what a change returns can be read like a table",
      sql: `with moved as (update orders set amount = amount * 2 where id = 1 returning id, amount, old.amount as before)
            select m.*, c.name from moved m, customers c`,
      columns: { id: "=orders.id", amount: "~orders.amount", before: "=orders.amount", name: "=customers.name" },
    },
  ])

  test("the relation that is written is named, and counts as read only where its rows are", () => {
    const insert = traceColumns("insert into payments (id) select id from orders", catalogue)
    assert.deepEqual([insert.kind, insert.target, insert.relations], ["insert", "payments", ["orders"]])
    const update = traceColumns("update payments set amount = 0", catalogue)
    assert.deepEqual([update.kind, update.target, update.relations], ["update", "payments", ["payments"]])
    const create = traceColumns("create table marts.new as select id from orders", catalogue)
    assert.deepEqual([create.kind, create.target, create.gaps], ["create", "marts.new", []])
    const into = traceColumns("select id into temp fresh from orders", catalogue)
    assert.deepEqual([into.kind, into.target], ["create", "fresh"])
  })

  test("several statements are traced one by one, and refused where one is asked for", () => {
    const sql = "select id from orders;\ndelete from orders;"
    assert.deepEqual(
      traceScript(sql, catalogue).map(({ kind }) => kind),
      ["query", "delete"],
    )
    assert.throws(() => traceColumns(sql, catalogue), /Only one statement/)
    assert.throws(() => traceColumns("-- nothing", catalogue), /There is no SQL/)
  })

  test("other statements are reported", () => {
    const { kind, gaps: found } = traceColumns("create index on orders (id)", catalogue)
    assert.deepEqual([kind, found[0]?.kind], ["other", "unsupported"])
  })
})

describe("mentions", () => {
  const mentions = (sql: string) =>
    traceColumns(sql, catalogue).mentions.map(({ relation, column }) => `${relation}.${column}`)

  test("what is written out is mentioned, also in expressions of WITH that nobody uses", () => {
    const sql = "with unused as (select email from customers) select id from orders where amount > 1"
    assert.deepEqual(mentions(sql).sort(), ["customers.email", "orders.amount", "orders.id"])
  })

  test("what only passes through stars is not mentioned until its name is", () => {
    const sql = "with all_of_it as (select * from customers) select a.id, b.* from all_of_it a, all_of_it b"
    assert.deepEqual(mentions(sql), ["customers.id"])
  })

  test("a column that comes through stars alone says without which column it would not be there", () => {
    const { columns } = traceColumns("select *, upper(name) as loud from (select id, name from customers) c", catalogue)
    assert.deepEqual(
      columns.map(({ viaStar }) => viaStar),
      [[], [], []],
    )
    const through = traceColumns("with c as (select * from edges) select * from c", catalogue)
    assert.deepEqual(through.columns[0]!.viaStar, [{ relation: "edges", column: "parent" }])
  })

  test("a union of stars needs all columns of both sides, unless both are the same table", () => {
    assert.equal(mentions("select * from edges union all select id, name, id from customers").length, 5)
    assert.deepEqual(mentions("select * from edges union all select * from edges"), [])
  })
})

test("a syntax error has its line and column", () => {
  const sql = "select id,\n  name\nfrom where"
  assert.throws(
    () => traceColumns(sql, catalogue),
    (error) =>
      error instanceof SqlSyntaxError && error.line === 3 && error.column === 6 && /syntax error/.test(error.message),
  )
})

test("a gap has the place of what it is about, counted in characters", () => {
  const [gap] = traceColumns("select 'äöü',\n  'ü', nobody from customers", catalogue).gaps
  assert.deepEqual([gap?.line, gap?.column], [2, 8])
})
