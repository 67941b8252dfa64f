import assert from "node:assert/strict"
import { after, before, test } from "node:test"
import pg from "pg"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"
import { CONSTANTS, type QueryTable, randomQuery } from "#test/random-query.ts"
import { type Random, seeded } from "#test/simulation/seeded.ts"
import { catalogueOf } from "./catalogue.ts"
import { type ColumnLineage, traceColumns } from "./column-lineage.ts"
import { loadSqlParser } from "./parse-sql.ts"

/** Change it to look at other queries; a failure prints the query itself. */
const SEED = 20_260
const QUERIES = 100

const TABLES: QueryTable[] = [
  { name: "t1", columns: { a: "int", b: "int", c: "text", d: "text" } },
  { name: "t2", columns: { a: "int", b: "int", e: "text" } },
  { name: "t3", columns: { b: "int", f: "int", c: "text" } },
]

let database: TestDatabase
let client: pg.Client
before(async () => {
  await loadSqlParser()
  database = await createTestDatabase()
  client = new pg.Client({ connectionString: database.warehouseUrl })
  await client.connect()
  const { next } = seeded(SEED)
  for (const { name, columns } of TABLES) {
    const list = Object.entries(columns)
    await client.query(`create table ${name} (${list.map((each) => each.join(" ")).join(", ")})`)
    for (let row = 0; row < 12; row++) {
      const values = list.map(([, type]) => literal(type, next))
      await client.query(`insert into ${name} values (${values.join(", ")})`)
    }
  }
})
after(async () => {
  await client.end()
  await database.drop()
})

const catalogue = catalogueOf(
  TABLES.map(({ name, columns }) => ({
    id: name,
    schema: "public",
    name,
    columns: Object.keys(columns).map((column) => ({ name: column })),
  })),
)

test("columns have the names that Postgres gives, and whatever a change of a source changes is traced to it", async () => {
  let changes = 0
  for (let index = 0; index < QUERIES; index++) {
    const random = seeded(SEED * 1_000 + index)
    const sql = randomQuery(TABLES, random)
    const lineage = traceColumns(sql, catalogue)
    assert.deepEqual(lineage.gaps, [], sql)
    const { fields, columns } = await run(sql)
    assert.deepEqual(
      lineage.columns.map(({ name }) => name),
      fields,
      sql,
    )
    await checkCopies(lineage, columns, sql)
    await checkDependencies(lineage, sql)
    changes += await checkChanges(lineage, columns, sql)
  }
  assert.ok(changes > QUERIES, "the queries hardly depend on the tables")
})

test("the views of Postgres itself are followed without a gap, column by column", async () => {
  const { rows: relations } = await client.query<{
    schema: string
    name: string
    columns: string[]
    sql: string | null
  }>(
    `select n.nspname as schema, c.relname as name, array_agg(a.attname::text order by a.attnum) as columns,
            case c.relkind when 'v' then pg_get_viewdef(c.oid) end as sql
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname in ('pg_catalog', 'information_schema') and c.relkind in ('r', 'v')
      group by n.nspname, c.relname, c.oid, c.relkind`,
  )
  const system = catalogueOf(
    relations.map(({ schema, name, columns }) => ({
      id: `${schema}.${name}`,
      schema,
      name,
      columns: columns.map((column) => ({ name: column })),
    })),
    ["pg_catalog"],
  )
  const views = relations.filter(({ sql }) => sql !== null)
  assert.ok(views.length > 100)
  for (const { schema, name, columns, sql } of views) {
    const lineage = traceColumns(sql!, system)
    assert.deepEqual([name, lineage.columns.map((column) => column.name)], [name, columns])
    assert.deepEqual([schema, name, lineage.gaps.map(({ message }) => message)], [schema, name, []])
  }
})

function literal(type: string, next: Random["next"]): string {
  if (next() < 0.1) return "null"
  const number = Math.floor(next() * 5)
  return type === "int" ? String(number) : `'${"abcde"[number]}'`
}

/** Each column's values, sorted: rows have no order. */
async function run(sql: string): Promise<{ fields: string[]; columns: string[][] }> {
  const { fields, rows } = await client.query({ text: sql, rowMode: "array" })
  const columns = fields.map((_, index) => rows.map((row: unknown[]) => String(row[index])).sort())
  return { fields: fields.map(({ name }) => name), columns }
}

/** A column that only copies holds no value that its sources do not hold; a set operation may add values without a source. */
async function checkCopies(lineage: ColumnLineage, columns: string[][], sql: string): Promise<void> {
  if (/union|intersect|except/.test(sql)) return
  for (const [index, { name, sources }] of lineage.columns.entries()) {
    if (sources.length === 0 || sources.some(({ influence }) => influence !== "direct")) continue
    const known = new Set(["null", ...CONSTANTS])
    for (const { relation, column } of sources) {
      const { rows } = await client.query(`select distinct ${column}::text as value from ${relation}`)
      for (const { value } of rows) known.add(String(value))
    }
    const foreign = columns[index]!.filter((value) => !known.has(value))
    assert.deepEqual(foreign, [], `${name} is no copy in ${sql}`)
  }
}

/** Postgres keeps which columns a view uses: nothing may be traced to another one. */
async function checkDependencies({ columns, rows, mentions }: ColumnLineage, sql: string): Promise<void> {
  await client.query("begin")
  await client.query(`create view used as ${sql}`)
  const { rows: used } = await client.query<{ id: string }>(
    `select distinct d.refobjid::regclass || '.' || a.attname as id
       from pg_rewrite r
       join pg_depend d on d.objid = r.oid and d.refobjsubid > 0
       join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where r.ev_class = 'used'::regclass`,
  )
  await client.query("rollback")
  const known = new Set(used.map(({ id }) => id))
  for (const each of [...columns.flatMap(({ sources }) => sources), ...rows, ...mentions]) {
    assert.ok(known.has(`${each.relation}.${each.column}`), `${each.relation}.${each.column} is not used in ${sql}`)
  }
}

/** Gives each base column other values and looks which columns of the result differ. */
async function checkChanges(lineage: ColumnLineage, before: string[][], sql: string): Promise<number> {
  let changes = 0
  for (const { name: relation, columns } of TABLES) {
    for (const [column, type] of Object.entries(columns)) {
      await client.query("begin")
      const other = type === "int" ? `(${column} + 2) % 5` : `chr(97 + (ascii(${column}) - 95) % 5)`
      await client.query(`update ${relation} set ${column} = ${other}`)
      const after = await run(sql)
      await client.query("rollback")
      const is = (each: { relation: string; column: string }) => each.relation === relation && each.column === column
      for (const [index, { name, sources }] of lineage.columns.entries()) {
        if (after.columns[index]!.join() === before[index]!.join()) continue
        changes++
        assert.ok(sources.some(is) || lineage.rows.some(is), `${name} depends on ${relation}.${column} in ${sql}`)
      }
    }
  }
  return changes
}
