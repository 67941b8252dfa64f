import assert from "node:assert/strict"
import { createReadStream, existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { pipeline } from "node:stream/promises"
import { after, before, describe, test } from "node:test"
import { parse } from "csv-parse/sync"
import pg from "pg"
import { from as copyFrom } from "pg-copy-streams"
import { createDatabase, createTestDatabase, type TestDatabase } from "./db.ts"
import { type FinishedRun, openWorkspace, type WorkspaceRuns } from "./workspace-runs.ts"

const WORKSPACE = path.join(import.meta.dirname, "workspaces/chinook")
/** Stands beside the checkout, not in it: real rows that nobody here wrote. */
const DATA = path.resolve(import.meta.dirname, "../../shared/data/chinook")
/** In the order in which their foreign keys allow them to be loaded. */
const TABLES = [
  ...["artist", "genre", "media_type", "playlist", "album", "employee", "customer", "track"],
  ...["playlist_track", "invoice", "invoice_line"],
]
const STAR = ["dim_customer", "dim_track", "dim_date", "fct_invoice_line"]

const skip = existsSync(DATA) ? false : `the Chinook data is not there (${path.relative(process.cwd(), DATA)})`

describe("an invoice star schema over the Chinook shop", { skip }, () => {
  let database: TestDatabase
  let source: pg.Client
  let warehouse: pg.Client
  let workspace: WorkspaceRuns

  before(async () => {
    database = await createTestDatabase()
    const sourceUrl = await createDatabase("chinook")
    source = new pg.Client({ connectionString: sourceUrl })
    warehouse = new pg.Client({ connectionString: database.warehouseUrl })
    await Promise.all([source.connect(), warehouse.connect()])
    await loadSource(source)
    workspace = await openWorkspace(database, WORKSPACE, { chinook: sourceUrl })
  })
  after(async () => {
    await workspace?.stop()
    await Promise.all([source?.end(), warehouse?.end()])
    await database?.drop()
  })

  const query = async (text: string) => (await warehouse.query(text)).rows
  const run = async (): Promise<FinishedRun> => {
    const finished = await workspace.run("chinook")
    assert.deepEqual(finished.failures, {})
    assert.equal(finished.state, "success")
    return finished
  }

  test("holds what the CSV files hold after the first run", async () => {
    const finished = await run()
    for (const table of TABLES) {
      const rows = await query(`select count(*)::int as count from raw.${table}`)
      assert.equal(rows[0].count, csv(table).length, table)
      assert.equal(inserted(finished)[table], csv(table).length, `rows of ${table} reported as inserted`)
    }
    const facts = await query(
      "select count(*)::int as lines, count(distinct invoice_id)::int as invoices, sum(amount) as amount from star.fct_invoice_line",
    )
    assert.deepEqual(facts, [
      {
        lines: csv("invoice_line").length,
        invoices: csv("invoice").length,
        amount: decimal(csv("invoice_line").reduce((sum, line) => sum + lineCents(line), 0)),
      },
    ])
    assert.deepEqual(await query("select sum(total) as total from raw.invoice"), [
      { total: decimal(csv("invoice").reduce((sum, invoice) => sum + cents(invoice.total), 0)) },
    ])
  })

  test("sums by country, genre and year as the files do", async () => {
    const invoices = new Map(csv("invoice").map((invoice) => [invoice.invoice_id, invoice]))
    const tracks = new Map(csv("track").map((track) => [track.track_id, track]))
    const genres = new Map(csv("genre").map((genre) => [genre.genre_id, genre.name]))
    const customers = new Map(csv("customer").map((customer) => [customer.customer_id, customer]))
    const invoiceOf = (line: Row) => invoices.get(line.invoice_id) as Row
    const expectations: [string, (line: Row) => string | undefined][] = [
      ["customer.country", (line) => customers.get(invoiceOf(line).customer_id as string)?.country],
      ["track.genre", (line) => genres.get(tracks.get(line.track_id)?.genre_id)],
      ["date.year::text", (line) => invoiceOf(line).invoice_date?.slice(0, 4)],
    ]
    for (const [column, keyOf] of expectations) {
      const rows = await query(
        `select ${column} as key, sum(amount) as amount
         from star.fct_invoice_line
         join star.dim_customer as customer using (customer_id)
         join star.dim_track as track using (track_id)
         join star.dim_date as date using (date_key)
         group by 1`,
      )
      const sums: Record<string, number> = {}
      for (const line of csv("invoice_line"))
        sums[keyOf(line) ?? "?"] = (sums[keyOf(line) ?? "?"] ?? 0) + lineCents(line)
      assert.deepEqual(
        Object.fromEntries(rows.map((row) => [row.key, row.amount])),
        Object.fromEntries(Object.entries(sums).map(([key, sum]) => [key, decimal(sum)])),
        column,
      )
    }
  })

  test("keeps every album, artist and playlist that a track stands in", async () => {
    const listed = csv("playlist_track").length
    assert.deepEqual(
      await query(
        `select count(*)::int as tracks, count(distinct artist)::int as artists, sum(playlists)::int as listed
         from star.dim_track`,
      ),
      [
        {
          tracks: csv("track").length,
          artists: new Set(csv("album").map((album) => album.artist_id)).size,
          listed,
        },
      ],
    )
  })

  test("writes nothing in a second run when nothing has changed", async () => {
    const before = await stored()
    const finished = await run()
    assert.deepEqual(changes(finished), {})
    assert.deepEqual(await stored(), before)
  })

  test("loads exactly what was updated, came late or went away", async () => {
    await source.query(`
      update customer set email = 'luis@example.com', updated_at = '2026-01-02T10:00:00Z' where customer_id = 1;
      update genre set name = 'Rock music' where genre_id = 1;
      delete from playlist_track where playlist_id = 1 and track_id in (1, 2);
      insert into invoice (invoice_id, customer_id, invoice_date, billing_country, total, updated_at)
      values (9001, 1, '2026-01-02 09:00:00', 'Brazil', 3.96, '2026-01-02T09:00:00Z');
      insert into invoice_line (invoice_line_id, invoice_id, track_id, unit_price, quantity, updated_at)
      values (90001, 9001, 1, 0.99, 1, '2026-01-02T09:00:00Z'), (90002, 9001, 2, 0.99, 3, '2026-01-02T09:00:00Z');
    `)
    const before = await starTotals()
    const first = await run()
    assert.deepEqual(changes(first), {
      customer: { updated: 1 },
      genre: { updated: 1 },
      invoice: { inserted: 1 },
      invoice_line: { inserted: 2 },
      playlist_track: { deleted: 2 },
    })
    const rock = csv("track").filter((track) => track.genre_id === "1").length
    assert.deepEqual(await query("select count(*)::int as tracks from star.dim_track where genre = 'Rock music'"), [
      { tracks: rock },
    ])
    assert.deepEqual(await query("select email from star.dim_customer where customer_id = 1"), [
      { email: "luis@example.com" },
    ])
    assert.deepEqual(await starTotals(), {
      lines: before.lines + 2,
      cents: before.cents + 396,
      listed: before.listed - 2,
    })

    // Committed after the run above, but stamped below the watermark it left: only the lookback finds it.
    await source.query(`
      insert into invoice (invoice_id, customer_id, invoice_date, billing_country, total, updated_at)
      values (9002, 2, '2026-01-02 08:30:00', 'Germany', 0.99, '2026-01-02T08:30:00Z');
      insert into invoice_line (invoice_line_id, invoice_id, track_id, unit_price, quantity, updated_at)
      values (90003, 9002, 3, 0.99, 1, '2026-01-02T08:30:00Z');
    `)
    const late = await run()
    assert.deepEqual(changes(late), { invoice: { inserted: 1 }, invoice_line: { inserted: 1 } })
    assert.deepEqual(await starTotals(), {
      lines: before.lines + 3,
      cents: before.cents + 495,
      listed: before.listed - 2,
    })
    assert.deepEqual(changes(await run()), {})
  })

  /** Every row with where and by which transaction it was written: a row rewritten with the same values shows. */
  async function stored(): Promise<unknown> {
    const tables = [...TABLES.map((table) => `raw.${table}`), ...STAR.map((table) => `star.${table}`)]
    const parts = tables.map(
      (table) => `select '${table}' as name, count(*)::int as rows,
        md5(string_agg(concat(t.ctid, t.xmin, t), ';' order by t.ctid)) as digest from ${table} as t`,
    )
    return query(`${parts.join(" union all ")} order by name`)
  }

  async function starTotals(): Promise<{ lines: number; cents: number; listed: number }> {
    const rows = await query(
      `select count(*)::int as lines, (sum(amount) * 100)::int as cents,
         (select sum(playlists)::int from star.dim_track) as listed
       from star.fct_invoice_line`,
    )
    return rows[0]
  }
})

type Row = Record<string, string | undefined>

const parsed = new Map<string, Row[]>()
function csv(table: string): Row[] {
  const rows = parsed.get(table) ?? (parse(readFileSync(path.join(DATA, `${table}.csv`)), { columns: true }) as Row[])
  parsed.set(table, rows)
  return rows
}

async function loadSource(source: pg.Client): Promise<void> {
  await source.query(readFileSync(path.join(WORKSPACE, "source.sql"), "utf8"))
  for (const table of TABLES) {
    const columns = Object.keys(csv(table)[0] as Row).join(", ")
    const target = source.query(copyFrom(`copy ${table} (${columns}) from stdin with (format csv, header true)`))
    await pipeline(createReadStream(path.join(DATA, `${table}.csv`)), target)
  }
}

/** Rows reported for the raw tables, those with nothing to report left out. */
function changes({ rows }: FinishedRun): Record<string, Partial<FinishedRun["rows"][string]>> {
  const raw = Object.entries(rows).filter(([dataset]) => dataset.startsWith("warehouse.raw."))
  return Object.fromEntries(
    raw
      .map(([dataset, counts]) => {
        const some = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
        return [dataset.slice("warehouse.raw.".length), some] as const
      })
      .filter(([, counts]) => Object.keys(counts).length > 0)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function inserted({ rows }: FinishedRun): Record<string, number> {
  return Object.fromEntries(
    Object.entries(rows).map(([dataset, counts]) => [dataset.slice(dataset.lastIndexOf(".") + 1), counts.inserted]),
  )
}

/** Money is added in whole cents: binary fractions would not add up. */
function cents(amount: string | undefined): number {
  return Math.round(Number(amount) * 100)
}

function lineCents(line: Row): number {
  return cents(line.unit_price) * Number(line.quantity)
}

function decimal(sum: number): string {
  return (sum / 100).toFixed(2)
}
