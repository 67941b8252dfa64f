import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { createReadStream, existsSync } from "node:fs"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { text } from "node:stream/consumers"
import { pipeline } from "node:stream/promises"
import { after, before, describe, it } from "node:test"
import pg from "pg"
import { from as copyFrom } from "pg-copy-streams"
import { createTestDatabase, type TestDatabase } from "#test/db.ts"

/** Stands beside the checkout, not in it: real rows that nobody here wrote. */
const DATA = path.resolve(import.meta.dirname, "../../shared/data/chinook")
const MAIN = path.join(import.meta.dirname, "headrace.mjs")
const skip = existsSync(DATA) ? false : `the Chinook data is not there (${path.relative(process.cwd(), DATA)})`

const TABLES: Record<string, string> = {
  customer: `customer_id int, first_name text, last_name text, company text, address text, city text, state text,
    country text, postal_code text, phone text, fax text, email text, support_rep_id int`,
  track: `track_id int, name text, album_id int, media_type_id int, genre_id int, composer text, milliseconds int,
    bytes int, unit_price numeric(10,2)`,
  invoice: `invoice_id int, customer_id int, invoice_date timestamp, billing_address text, billing_city text,
    billing_state text, billing_country text, billing_postal_code text, total numeric(10,2)`,
  invoice_line: "invoice_line_id int, invoice_id int, track_id int, unit_price numeric(10,2), quantity int",
}

/** What holds of the shop as it is; one real e-mail address has a letter that the format does not know. */
const POLICY = `datasets:
  shop.customer:
    expectations:
      keys: [customer_id]
      expect:
        - unique: customer_id
        - not_null: [customer_id, email, country]
        - matches: { column: email, pattern: '^[^@ ]+@[^@ ]+\\.[a-z]+$' }
        - suite: suites/customer.json
        - soda: checks/shop.yml
  shop.invoice:
    expectations:
      - unique: invoice_id
      - expect_column_values_to_exist_in_table: { column: customer_id, other_table: shop.customer, other_column: customer_id }
      - between: { column: invoice_date, min: "2021-01-01", max: "2025-12-31" }
      - expect_column_min_to_be_between: { column: total, min_value: 0.01 }
      - reconcile: { aggregate: sum, column: total, other_table: shop.invoice_total, other_column: total }
      - row_count: { min: 400, max: 500 }
      - custom_sql: select invoice_id from {batch} group by invoice_id having count(*) > 1
`
const SUITE = {
  expectations: [
    {
      expectation_type: "expect_column_values_to_be_in_set",
      kwargs: { column: "support_rep_id", value_set: [3, 4, 5] },
    },
    { type: "expect_column_value_lengths_to_be_between", kwargs: { column: "country", min_value: 2, max_value: 20 } },
    { type: "expect_column_values_to_not_be_null", kwargs: { column: "phone", mostly: 0.95 } },
    { type: "expect_table_columns_to_match_set", kwargs: { column_set: ["email", "phone"], exact_match: false } },
  ],
}
const SODA = `checks for customer:
  - row_count between 50 and 70
  - missing_percent(company) < 90%
  - invalid_count(email) < 2:
      valid format: email
  - duplicate_count(email) = 0
`

describe("headrace check", { skip }, () => {
  let database: TestDatabase
  let client: pg.Client
  let workspace: string

  before(async () => {
    database = await createTestDatabase()
    client = new pg.Client({ connectionString: database.warehouseUrl })
    await client.connect()
    await client.query("create schema shop")
    for (const [table, columns] of Object.entries(TABLES)) {
      await client.query(`create table shop.${table} (${columns})`)
      const target = client.query(copyFrom(`copy shop.${table} from stdin with (format csv, header true)`))
      await pipeline(createReadStream(path.join(DATA, `${table}.csv`)), target)
    }
    await client.query(
      "create view shop.invoice_total as select invoice_id, sum(unit_price * quantity) as total from shop.invoice_line group by 1",
    )
    workspace = await mkdtemp(path.join(os.tmpdir(), "headrace check "))
    for (const folder of ["quality", "suites", "checks"]) await mkdir(path.join(workspace, folder))
    await writeFile(path.join(workspace, "quality/shop.yml"), POLICY)
    await writeFile(path.join(workspace, "suites/customer.json"), JSON.stringify(SUITE))
    await writeFile(path.join(workspace, "checks/shop.yml"), SODA)
  })
  after(async () => {
    await client?.end()
    await database?.drop()
    if (workspace) await rm(workspace, { recursive: true })
  })

  async function check(...args: string[]) {
    const child = spawn(process.execPath, [MAIN, "check", ...args], {
      env: {
        PATH: process.env.PATH ?? "",
        HEADRACE_HOME: workspace,
        HEADRACE_WORKSPACE: workspace,
        HEADRACE_WAREHOUSE_URL: database.warehouseUrl,
      } as unknown as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
    })
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
    return { code, out, err }
  }
  const failing = (out: string) =>
    (JSON.parse(out).checks as { name: string; passed: boolean; rowsFailed: number }[])
      .filter(({ passed }) => !passed)
      .map(({ name, rowsFailed }) => [name, rowsFailed])

  it("finds nothing wrong with the shop as it is, by policy, suite and SodaCL file together", async () => {
    const { code, out, err } = await check("shop.customer", "--format", "json")
    assert.deepEqual([code, err, failing(out)], [0, "", []])
    const result = JSON.parse(out)
    assert.equal(result.checks.length, 13)
    assert.deepEqual(result.scores.map(({ dimension }: { dimension: string }) => dimension).sort(), [
      "completeness",
      "consistency",
      "overall",
      "uniqueness",
      "validity",
      "volume",
    ])
  })

  it("finds exactly the faults that were planted", async () => {
    await client.query(
      `update shop.customer set email = 'nobody' where customer_id in (7, 8);
       update shop.customer set country = null where customer_id = 9;
       update shop.customer set support_rep_id = 6 where customer_id = 10;
       insert into shop.customer select * from shop.customer where customer_id = 11;
       update shop.invoice set customer_id = 999 where invoice_id in (1, 2, 3);
       update shop.invoice set invoice_date = '2031-01-01' where invoice_id = 4;
       update shop.invoice set total = -1.98 where invoice_id = 5`,
    )
    const customer = await check("shop.customer", "--format", "json")
    assert.deepEqual(
      [customer.code, failing(customer.out)],
      [
        1,
        [
          ["customer_id is unique", 2],
          ["country is not null", 1],
          ["email matches its pattern", 2],
          ["support_rep_id is an accepted value", 1],
          ["email is a valid email", 3],
          ["email is unique", 4],
        ],
      ],
    )
    const invoice = await check("shop.invoice", "--format", "json")
    assert.deepEqual(
      failing(invoice.out).map(([name]) => name),
      [
        "customer_id exists in shop.customer.customer_id",
        "invoice_date is between 2021-01-01 and 2025-12-31",
        "min of total is at least 0.01",
        "sum of total equals shop.invoice_total",
      ],
    )
    assert.ok(!customer.out.includes("nobody"), "no values leave the warehouse")
  })

  it("prints for people, and as a report that CI servers read", async () => {
    const forPeople = await check("shop.invoice")
    assert.equal(forPeople.code, 1)
    assert.match(
      forPeople.out,
      /customer_id exists in shop\.customer\.customer_id .* 3 of 412 rows have customer_id that shop\.customer lacks\./,
    )
    assert.match(forPeople.out, /Score \d+\.?\d* of shop\.invoice \(/)
    assert.equal(forPeople.err, "4 of 7 checks of shop.invoice failed.\n")
    const { out, code } = await check("shop.invoice", "--format", "junit", "--where", "invoice_id > 5")
    assert.equal(code, 1, out)
    assert.match(out, /<testsuite name="shop\.invoice" tests="7" failures="1" errors="0" skipped="0"/)
    assert.match(out, /<testcase classname="shop\.invoice\.uniqueness" name="invoice_id is unique"\/>/)
  })

  it("takes a suite instead of the policy, and says with file and line what it does not understand", async () => {
    const file = path.join(workspace, "own.json")
    await writeFile(file, '[\n {"type": "expect_column_to_exist", "kwargs": {"column": "total"}}\n]')
    const good = await check("shop.invoice", "--suite", file)
    assert.equal(good.code, 0, good.err)
    await writeFile(file, '[\n {"type": "expect_nothing", "kwargs": {}}\n]')
    const bad = await check("shop.invoice", "--suite", file)
    assert.equal(bad.code, 2)
    assert.match(bad.err, /own\.json:2: error: .*there is no expectation "expect_nothing"/)
  })

  it("says when nothing is expected, and when no warehouse answers", async () => {
    const none = await check("shop.track")
    assert.deepEqual([none.code, none.err.includes("Nothing is expected of shop.track")], [2, true])
    const away = await check("shop.invoice", "--warehouse", "postgresql://nobody@127.0.0.1:1/none")
    assert.equal(away.code, 3)
    assert.equal((await check("invoice")).code, 2)
  })
})
