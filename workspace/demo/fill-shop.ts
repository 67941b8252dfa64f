import { readFile } from "node:fs/promises"
import path from "node:path"
import { parseArgs } from "node:util"
import pg from "pg"
import { connect } from "./connect.ts"
import { copyRows } from "./copy-rows.ts"
import { planDifferences, planShop, SHOP_SIZES, type ShopPlan, type ShopRequest, type ShopSize } from "./shop-plan.ts"
import { shopTables } from "./shop-rows.ts"

export interface FillResult {
  /** `kept`: the shop was there already and nothing was touched. */
  outcome: "filled" | "kept"
  plan: ShopPlan
  /** Rows written by table; empty where the shop was kept. */
  rows: Record<string, number>
}

/**
 * Makes sure that a shop stands in the database at `url`, which is created where it is missing. The whole shop comes
 * in one transaction: an interrupted call leaves nothing behind, and of several at once one fills. A shop that is
 * there is kept, however old, as long as it contradicts nothing that the request names.
 *
 * @throws Error where a shop made for another request stands there, or tables that are not ours.
 */
export async function fillShop(url: string, request: ShopRequest & { reset?: boolean } = {}): Promise<FillResult> {
  const { reset = false, ...wanted } = request
  const client = await connectOrCreate(url)
  try {
    await client.query("begin")
    // One filler at a time; the number is the ASCII of "shop".
    await client.query("select pg_advisory_xact_lock($1)", [0x73686f70])
    const filled = await readPlan(client)
    if (filled && !reset) {
      const differences = planDifferences(wanted, filled)
      if (differences.length > 0) {
        throw new Error(`Another shop stands there (${differences.join(", ")}): add --reset to replace it.`)
      }
      await client.query("commit")
      return { outcome: "kept", plan: filled, rows: {} }
    }
    if (filled) await dropShop(client)
    const plan = planShop(wanted, new Date())
    const rows = await createShop(client, plan)
    await client.query("commit")
    return { outcome: "filled", plan, rows }
  } finally {
    // Ends an open transaction too.
    await client.end()
  }
}

async function createShop(client: pg.Client, plan: ShopPlan): Promise<Record<string, number>> {
  await client.query(await readSql("shop-tables.sql")).catch((error: unknown) => {
    if (error instanceof pg.DatabaseError && error.code === DUPLICATE_TABLE) {
      throw new Error(`The database has tables that are not the demo's (${error.message}): give an empty one.`)
    }
    throw error
  })
  const rows: Record<string, number> = {}
  for (const table of shopTables(plan)) rows[table.name] = await copyRows(client, table)
  await client.query(await readSql("shop-keys.sql"))
  await client.query(await readSql("shop-random.sql"))
  await client.query(await readSql("shop-advance.sql"))
  await client.query(
    `insert into demo.fill (seed, customers, products, days, orders_per_day, until) values ($1, $2, $3, $4, $5, $6)`,
    [plan.seed, plan.customers, plan.products, plan.days, plan.ordersPerDay, plan.until],
  )
  await client.query("analyze")
  return rows
}

async function readPlan(client: pg.Client): Promise<ShopPlan | null> {
  const found = await client.query("select to_regclass('demo.fill') is not null as is_there")
  if (!found.rows[0]?.is_there) return null
  const { rows } = await client.query<ShopPlan>(
    `select seed, customers, products, days, orders_per_day as "ordersPerDay", until::text from demo.fill`,
  )
  return rows[0] ?? null
}

async function dropShop(client: pg.Client): Promise<void> {
  await client.query("drop schema demo cascade")
  await client.query(
    "drop table public.order_items, public.orders, public.campaign_touches, public.campaigns, public.products, public.customers",
  )
}

const DUPLICATE_TABLE = "42P07"
const UNKNOWN_DATABASE = "3D000"
const DUPLICATE_DATABASE = "42P04"

async function connectOrCreate(url: string): Promise<pg.Client> {
  try {
    return await connect(url)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === UNKNOWN_DATABASE)) throw error
    await createDatabase(url)
    return connect(url)
  }
}

async function createDatabase(url: string): Promise<void> {
  const server = new URL(url)
  const name = decodeURIComponent(server.pathname.slice(1))
  server.pathname = "/postgres"
  const client = await connect(server.href)
  try {
    await client.query(`create database ${pg.escapeIdentifier(name)}`)
  } catch (error) {
    // Another filler was faster.
    if (!(error instanceof pg.DatabaseError && error.code === DUPLICATE_DATABASE)) throw error
  } finally {
    await client.end()
  }
}

function readSql(file: string): Promise<string> {
  return readFile(path.join(import.meta.dirname, file), "utf8")
}

const USAGE = `Creates the demo shop in the database that SHOP_URL names.
  node workspace/demo/fill-shop.ts [--size small|medium|large] [--customers N] [--products N] [--days N]
                                   [--orders-per-day N] [--seed N] [--until YYYY-MM-DD] [--reset]`

/** @throws Error naming the option that is wrong. */
export function parseFillArguments(args: string[]): ShopRequest & { reset: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      size: { type: "string" },
      customers: { type: "string" },
      products: { type: "string" },
      days: { type: "string" },
      "orders-per-day": { type: "string" },
      seed: { type: "string" },
      until: { type: "string" },
      reset: { type: "boolean", default: false },
    },
  })
  const request: ShopRequest & { reset: boolean } = { reset: values.reset }
  if (values.size !== undefined) {
    if (!Object.hasOwn(SHOP_SIZES, values.size)) throw new Error("--size must be small, medium or large.")
    request.size = values.size as ShopSize
  }
  for (const [key, option, lowest] of [
    ["customers", "customers", 1],
    ["products", "products", 1],
    ["days", "days", 1],
    ["ordersPerDay", "orders-per-day", 1],
    ["seed", "seed", 0],
  ] as const) {
    const text = values[option]
    if (text === undefined) continue
    const number = Number(text)
    if (!Number.isInteger(number) || number < lowest || number > 2_147_483_647) {
      throw new Error(`--${option} must be a whole number from ${lowest}.`)
    }
    request[key] = number
  }
  if (values.until !== undefined) {
    if (!isDay(values.until)) throw new Error("--until must be a day such as 2026-03-31.")
    request.until = values.until
  }
  return request
}

/** A day of the calendar as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null
  return date !== null && !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

if (import.meta.main) {
  try {
    const url = process.env.SHOP_URL
    if (!url) throw new Error(`SHOP_URL is not set.\n${USAGE}`)
    const { outcome, plan, rows } = await fillShop(url, parseFillArguments(process.argv.slice(2)))
    const what = `${plan.customers} customers, ${plan.days} days until ${plan.until}, seed ${plan.seed}`
    const counts = Object.entries(rows).map(([table, count]) => `${count} ${table}`)
    console.log(
      outcome === "kept" ? `The shop is there already: ${what}.` : `Shop filled (${what}): ${counts.join(", ")}.`,
    )
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
