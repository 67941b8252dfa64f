import { extract, fn, notify, pipeline, sql, z } from "headrace"

const docs = `
# Daily ETL

Copies the shop's operational database into the warehouse and rebuilds the tables that reports read.

| Group | What it does |
|---|---|
| extraction | Appends what changed in the shop to \`raw.*\`; nothing there is ever changed or removed |
| transformation | The dbt project in \`workspace/dbt\`: \`staging\` (newest version of each row) → \`intermediate\` → \`marts\`, and the history of customers |
| vault | The same project's data vault: what the raw tables told, kept by key, version and relationship |

Each model is a task that builds it and runs its tests. A test that fails with an error stops what is built from that
model, and the run from being announced; warnings only lower the score.

**Run it again at any time**: the same shop gives the same tables.

**When it fails**: read the log of the red task, fix the model under \`workspace/dbt\`, retry. Readers keep seeing the last
good tables meanwhile.

**Known warnings**: the shop lets in customers without a country, broken e-mail addresses and negative prices.
`

/**
 * Rows that vanish from the shop without a trace (erased customers, lines of cancelled orders) are seen only by a full
 * comparison; where rows stay, it is enough to read those that changed.
 */
type Deletions = "rows vanish" | "rows stay"

/** Rows come in by their \`updated_at\`; branches of the shop that were offline may commit a few hours late. */
const LOOKBACK = "6h"

export default pipeline(
  {
    id: "daily_etl",
    description: "Shop → raw → staging → marts, checked and announced",
    owner: "Data platform",
    tags: ["core", "shop"],
    docs,
    schedule: { cron: "0 5 * * *", timezone: "Europe/Berlin" },
    catchup: "latest",
    maxActiveRuns: 1,
    params: z.object({
      attribution_days: z
        .int()
        .min(1)
        .max(90)
        .default(7)
        .describe("An order is won by a click at most this many days old"),
    }),
    defaults: { retries: 2, retryDelay: "10s", backoff: { factor: 2, maxDelay: "5m" }, timeout: "30m" },
  },
  ({ task, group, dbt, params }) => {
    const schemas = task("create_schemas", sql({ file: "sql/schemas.sql" }), { description: "Makes what is missing" })

    /** Row versions that came in, by table: filled while the extraction is declared. */
    const loaded: Record<string, unknown> = {}
    const extraction = group("extraction", { description: "Changed rows of the shop into raw.*" }, () => {
      const copy = (table: string, key: string, columns: string[], how: Deletions, description: string) => {
        const changes = { incremental: { column: "updated_at", lookback: LOOKBACK } }
        const reading = how === "rows vanish" ? ({ mode: "full", deletes: "mark" } as const) : { mode: changes }
        const copied = task(
          `extract_${table}`,
          extract({
            source: "shop",
            table: `public.${table}`,
            columns: [key, ...columns, "created_at", "updated_at"],
            into: `raw.${table}`,
            keys: [key],
            ...reading,
          }),
          { description },
        )
        loaded[table] = copied.output.rowsInserted
      }
      copy(
        "customers",
        "customer_id",
        ["email", "first_name", "last_name", "country", "city", "segment", "is_subscribed"],
        "rows vanish",
        "All customers; those who were erased are marked as deleted",
      )
      copy(
        "products",
        "product_id",
        ["sku", "name", "category", "price", "cost", "is_active"],
        "rows stay",
        "Products that are new or changed, price by price",
      )
      copy(
        "orders",
        "order_id",
        ["customer_id", "status", "channel", "shipping_country", "shipping_amount", "total_amount", "placed_at"],
        "rows stay",
        "New orders and those that moved on",
      )
      copy(
        "order_items",
        "order_item_id",
        ["order_id", "product_id", "quantity", "unit_price", "discount"],
        "rows vanish",
        "All order lines; those of cancelled orders are marked as deleted",
      )
      copy(
        "campaigns",
        "campaign_id",
        ["name", "channel", "starts_on", "ends_on", "budget"],
        "rows stay",
        "Campaigns that are new or changed",
      )
      copy(
        "campaign_touches",
        "touch_id",
        ["campaign_id", "customer_id", "kind", "cost", "touched_at"],
        "rows stay",
        "Who saw or clicked a campaign",
      )
    })
    extraction.after(schemas)

    const summary = task(
      "summarise_load",
      fn(
        (ctx, inputs) => {
          const counts = Object.entries(inputs).map(([table, count]) => [table, Number(count)] as const)
          for (const [table, count] of counts) ctx.log(`${table}: ${count} new versions`)
          const rows = counts.reduce((sum, [, count]) => sum + count, 0)
          const [busiest] = counts.toSorted((a, b) => b[1] - a[1])
          if (rows === 0 || !busiest) return { rows, text: "nothing has changed in the shop" }
          return { rows, text: `${rows} new row versions, most of them in ${busiest[0]}` }
        },
        {
          inputs: loaded,
        },
      ),
      { description: "How much came in, for the message at the end" },
    )

    const built = { tests: "within", vars: { attribution_days: params.attribution_days } } as const
    const transformation = dbt({ ...built, group: "transformation", exclude: "vault" }).after(extraction)
    const vault = dbt({ ...built, select: "vault" }).after(extraction)

    task(
      "notify_success",
      notify({
        channel: "team",
        subject: "Shop data is ready",
        text: "{{pipelineId}} run {{runId}}: {{values.summary}}.",
        values: { summary: summary.output.text },
      }),
      { description: "Tells the team that reports are fresh" },
    ).after(transformation, vault)
    task(
      "notify_failure",
      notify({
        channel: "team",
        subject: "{{pipelineId}} failed",
        text: "Run {{runId}} for {{intervalStart}} to {{intervalEnd}} failed. Reports show the last good tables.",
      }),
      { description: "Tells the team when something went wrong", triggerRule: "one_failed", retries: 0 },
    ).after(transformation, vault, summary)
  },
)
