import type { Command } from "commander"
import { pageOf } from "#lib/contracts/api/common.ts"
import { type SlotLimit, setPoolSchema, slotLimitSchema } from "#lib/contracts/api/queue.ts"
import { contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { instantText, table } from "../output.ts"

/** pools list, set, delete. */
export function addPoolCommands(program: Command, signal: AbortSignal): void {
  const pools = program.command("pools").description("pools: how many tasks may go at once")

  pools
    .command("list", { isDefault: true })
    .description("list pools with what is used of them")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const page = await client.get("/pools", pageOf(slotLimitSchema))
      output.result(page, () => table(HEADINGS, page.items.map(cells), "No pools yet."))
    })

  pools
    .command("set <pool> <capacity>")
    .description("make a pool or change its capacity; 0 lets nothing more go")
    .option("--description <text>", "what it protects")
    .action(async (name: string, capacity: string, options: { description?: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const body = setPoolSchema.safeParse({ ...options, capacity: capacity.trim() === "" ? NaN : Number(capacity) })
      if (!body.success) {
        throw new CliError(`The capacity is a whole number from 0, not ${JSON.stringify(capacity)}.`, EXIT.usage)
      }
      const pool = await client.post(pathOf(name), slotLimitSchema, body.data)
      output.result(pool, () => table(HEADINGS, [cells(pool)], ""))
    })

  pools
    .command("delete <pool>")
    .description("delete a pool that nothing names or uses")
    .action(async (name: string, _options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const pool = await client.post(`${pathOf(name)}/delete`, slotLimitSchema)
      output.result(pool, () => `Pool ${pool.name} is deleted.`)
    })
}

const HEADINGS = ["POOL", "CAPACITY", "USED", "WAITING", "OLDEST", "DESCRIPTION"]

function cells(pool: SlotLimit): string[] {
  const { name, capacity, used, waiting, oldestSince, description } = pool
  return [name, String(capacity), String(used), String(waiting), instantText(oldestSince), description]
}

function pathOf(name: string): string {
  return `/pools/${encodeURIComponent(name)}`
}
