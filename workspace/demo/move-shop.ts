import { parseArgs } from "node:util"
import pg from "pg"
import { connect } from "./connect.ts"
import { isDay } from "./fill-shop.ts"
import { DAY_MS } from "./shop-plan.ts"

export interface MovedDay {
  day: string
  /** Rows by kind of change, such as `orders_placed` and `customers_erased`. */
  changes: Record<string, number>
}

/**
 * Lets the shop at `url` live up to and including `day` (`YYYY-MM-DD`) and resolves to the days that this call moved:
 * none where the shop is there already. The work is `demo.advance` in the shop's database, in one transaction.
 */
export async function moveShop(url: string, { day, seed }: { day: string; seed?: number }): Promise<MovedDay[]> {
  const client = await connect(url)
  try {
    const moved = await client.query<MovedDay>("select day::text, changes from demo.advance($1::date, $2::integer)", [
      day,
      seed ?? null,
    ])
    return moved.rows
  } catch (error) {
    if (!(error instanceof pg.DatabaseError && error.code === UNKNOWN_SCHEMA)) throw error
    throw new Error("There is no demo shop in this database: run workspace/demo/fill-shop.ts first.", { cause: error })
  } finally {
    await client.end()
  }
}

const UNKNOWN_SCHEMA = "3F000"

const USAGE = `Lets the demo shop in the database that SHOP_URL names live on.
  node workspace/demo/move-shop.ts [--day YYYY-MM-DD]     up to this day; yesterday where it is left out`

if (import.meta.main) {
  try {
    const url = process.env.SHOP_URL
    if (!url) throw new Error(`SHOP_URL is not set.\n${USAGE}`)
    const { values } = parseArgs({ options: { day: { type: "string" } } })
    const day = values.day ?? new Date(Date.now() - DAY_MS).toISOString().slice(0, 10)
    if (!isDay(day)) throw new Error("--day must be a day such as 2026-03-31.")
    const moved = await moveShop(url, { day })
    for (const { day, changes } of moved) {
      console.log(
        `${day}: ${Object.entries(changes)
          .map(([what, count]) => `${what} ${count}`)
          .join(", ")}`,
      )
    }
    if (moved.length === 0) console.log(`The shop has lived through ${day} already.`)
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
