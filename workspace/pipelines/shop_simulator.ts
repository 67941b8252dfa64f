import { fn, pipeline, z } from "headrace"

const DAY_MS = 86_400_000

export default pipeline(
  {
    id: "shop_simulator",
    description: "Lets the demo shop live on, a day at a time",
    owner: "Demo",
    tags: ["demo"],
    docs: `
Stands in for the shop's customers: orders come in and move on, prices and segments change, some rows come late, some
are wrong, some vanish. All of it follows from the shop's seed and the day, and a day happens once.

Remove this pipeline when \`shop\` is a real database.
`,
    // Half an hour before daily_etl, which then finds the whole of yesterday.
    schedule: { cron: "30 4 * * *", timezone: "Europe/Berlin" },
    catchup: "latest",
    params: z.object({
      day: z.iso
        .date()
        .optional()
        .describe("Live up to and including this day; left out: the day before the run's end"),
    }),
    defaults: { retries: 2, retryDelay: "10s", timeout: "15m" },
  },
  ({ task }) => {
    task(
      "advance_shop",
      fn(
        async (ctx) => {
          const yesterday = new Date(Date.parse(ctx.run.intervalEnd) - DAY_MS).toISOString().slice(0, 10)
          const day = String(ctx.params.day ?? yesterday)
          const moved = await ctx.query<{ day: string; changes: Record<string, number> }>(
            "shop",
            "select day::text as day, changes from demo.advance($1::date)",
            [day],
          )
          if (moved.length === 0) ctx.skip(`the shop has lived through ${day} already`)
          for (const { day, changes } of moved) ctx.log(`${day}: ${JSON.stringify(changes)}`)
          return {
            days: moved.length,
            orders: moved.reduce((sum, { changes }) => sum + (changes.orders_placed ?? 0), 0),
          }
        },
        { connections: ["shop"] },
      ),
      { description: "Calls demo.advance in the shop's database" },
    )
  },
)
