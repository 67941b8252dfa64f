import {
  acceptedValues,
  between,
  checks,
  extract,
  fn,
  freshness,
  matches,
  notify,
  notNull,
  pipeline,
  rowCount,
  sql,
  unique,
  z,
} from "headrace"

const docs = `
# Daily ETL

Copies the shop's operational database into the warehouse and rebuilds the tables that reports read.

| Group | What it does |
|---|---|
| extraction | Appends what changed in the shop to \`raw.*\`; nothing there is ever changed or removed |
| transformation | \`staging\` (newest version of each row) → \`intermediate\` → \`marts\`, each table swapped in as a whole |
| quality_checks | Errors stop the run from being announced; warnings only lower the score |

**Run it again at any time**: the same shop gives the same tables.

**When it fails**: read the log of the red task, fix the SQL under \`workspace/sql\`, retry. Readers keep seeing the last
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
  ({ task, group, params }) => {
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

    const transformation = group("transformation", { description: "raw → staging → intermediate → marts" }, () => {
      const model = (layer: "staging" | "intermediate" | "marts", name: string, reads: string[], description: string) =>
        task(name, sql({ file: `sql/${layer}/${name}.sql`, writes: `${layer}.${name}`, reads }), { description })
      const stgCustomers = model("staging", "stg_customers", ["raw.customers"], "Customers as known now")
      const stgProducts = model("staging", "stg_products", ["raw.products"], "The assortment now")
      const stgOrders = model("staging", "stg_orders", ["raw.orders"], "Orders in their present state")
      const stgOrderItems = model("staging", "stg_order_items", ["raw.order_items"], "Order lines that still stand")
      const stgCampaigns = model("staging", "stg_campaigns", ["raw.campaigns"], "Campaigns now")
      const stgTouches = model("staging", "stg_campaign_touches", ["raw.campaign_touches"], "Touches since the start")

      const totals = model(
        "intermediate",
        "int_order_totals",
        ["staging.stg_order_items"],
        "Sums of each order's lines",
      )
      totals.after(stgOrderItems)
      const attribution = task(
        "int_order_attribution",
        sql({
          file: "sql/intermediate/int_order_attribution.sql",
          params: { attribution_days: params.attribution_days },
          reads: ["staging.stg_orders", "staging.stg_campaign_touches"],
          writes: "intermediate.int_order_attribution",
        }),
        { description: "The campaign clicked last before each order" },
      ).after(stgOrders, stgTouches)
      const customerOrders = model(
        "intermediate",
        "int_customer_orders",
        ["staging.stg_orders", "intermediate.int_order_totals"],
        "Each customer's orders in sum",
      ).after(stgOrders, totals)

      model(
        "marts",
        "dim_customers",
        ["staging.stg_customers", "intermediate.int_customer_orders"],
        "Customers with what they bought",
      ).after(stgCustomers, customerOrders)
      model(
        "marts",
        "dim_products",
        ["staging.stg_products", "staging.stg_orders", "staging.stg_order_items"],
        "Products with their sales",
      ).after(stgProducts, stgOrders, stgOrderItems)
      model("marts", "dim_date", ["staging.stg_orders"], "Days of the years with orders").after(stgOrders)
      const fctOrders = model(
        "marts",
        "fct_orders",
        ["staging.stg_orders", "intermediate.int_order_totals", "intermediate.int_order_attribution"],
        "Orders with amounts and the campaign that won them",
      ).after(stgOrders, totals, attribution)
      model(
        "marts",
        "mrt_campaign_performance",
        ["staging.stg_campaigns", "staging.stg_campaign_touches", "marts.fct_orders"],
        "Cost, reach and revenue by campaign",
      ).after(stgCampaigns, stgTouches, fctOrders)
    })
    transformation.after(extraction)

    const quality = group("quality_checks", { description: "What must hold before anyone is told" }, () => {
      const warn = { severity: "warn" } as const
      task(
        "check_customers",
        checks({
          table: "marts.dim_customers",
          expect: [
            rowCount({ min: 1 }),
            notNull("customer_id"),
            unique("customer_id"),
            notNull("email"),
            acceptedValues("segment", ["new", "regular", "vip", "dormant"]),
            between("revenue", { min: -10_000 }),
            matches("email", "^[^@ ]+@[^@ ]+[.][a-z]+$", { ...warn, name: "e-mail address is well formed" }),
            notNull("country", warn),
          ],
        }),
        { description: "Keys and segments hold; broken addresses and missing countries are counted" },
      )
      task(
        "check_products",
        checks({
          table: "marts.dim_products",
          expect: [
            rowCount({ min: 1 }),
            unique("product_id"),
            unique("sku"),
            between("price", { min: 0 }),
            between("margin", { min: 0 }, { ...warn, name: "no product sells below its cost" }),
          ],
        }),
        { description: "Products are unique and have sensible prices" },
      )
      task(
        "check_orders",
        checks({
          table: "marts.fct_orders",
          expect: [
            rowCount({ min: 1 }),
            notNull("order_id"),
            unique("order_id"),
            notNull("placed_at"),
            acceptedValues("status", ["placed", "paid", "shipped", "delivered", "cancelled", "returned"]),
            between("lines", { min: 1 }, { where: "status <> 'cancelled'", name: "an order that stands has lines" }),
            between("amount_difference", { min: 0, max: 0 }, { ...warn, name: "lines add up to the order's total" }),
            between("gross_amount", { min: 0 }, { ...warn, name: "amounts are not negative" }),
            notNull("country", warn),
            // A warning, so that a shop filled up to a day long past passes too.
            freshness("placed_at", "36h", warn),
          ],
        }),
        { description: "Orders are complete and add up; the shop's slips are counted" },
      )
      task(
        "check_dates",
        checks({
          table: "marts.dim_date",
          expect: [rowCount({ min: 365 }), unique("date_key"), unique("date")],
        }),
        { description: "The calendar has no hole and no double" },
      )
      task(
        "check_campaigns",
        checks({
          table: "marts.mrt_campaign_performance",
          expect: [
            unique("campaign_id"),
            notNull("name"),
            between("click_rate", { min: 0, max: 1 }),
            between("cost", { min: 0 }),
          ],
        }),
        { description: "Campaign figures are possible ones" },
      )
    })
    quality.after(transformation)

    task(
      "notify_success",
      notify({
        channel: "team",
        subject: "Shop data is ready",
        text: "{{pipelineId}} run {{runId}}: {{values.summary}}.",
        values: { summary: summary.output.text },
      }),
      { description: "Tells the team that reports are fresh" },
    ).after(quality)
    task(
      "notify_failure",
      notify({
        channel: "team",
        subject: "{{pipelineId}} failed",
        text: "Run {{runId}} for {{intervalStart}} to {{intervalEnd}} failed. Reports show the last good tables.",
      }),
      { description: "Tells the team when something went wrong", triggerRule: "one_failed", retries: 0 },
    ).after(quality, summary)
  },
)
