import { between, checks, notNull, partitionLoad, pipeline, rowCount, unique } from "headrace"

/** A line as the shop's database gives it; numeric columns come as text, so that no cent is lost. */
interface ShopLine {
  order_item_id: string
  order_id: string
  product_id: string
  category: string
  placed_at: Date
  sale_date: string
  status: string
  country: string | null
  quantity: number
  unit_price: string
  discount: string
}

interface Sale {
  order_item_id: string
  order_id: string
  product_id: string
  category: string
  sale_date: string
  placed_at: Date
  country: string | null
  quantity: number
  gross_amount: string
  net_amount: string
}

export default pipeline(
  {
    id: "data_backfill",
    description: "Loads the shop's sales again, day by day",
    owner: "Data platform",
    tags: ["core", "backfill"],
    docs: `
# Data backfill

Fills \`marts.fct_daily_sales\`, one partition a day (UTC), straight from the shop:

\`\`\`
npx headrace backfill data_backfill --from 2026-03-01 --to 2026-03-03
\`\`\`

A day is replaced as a whole, in one transaction with its checks; loading it twice gives the same rows. Lines without a
country or with a negative price are set aside in \`marts.fct_daily_sales__rejected\` with the reason.
`,
    partition: "day",
    maxActiveRuns: 4,
    defaults: { retries: 2, retryDelay: "5s", backoff: { factor: 2, maxDelay: "1m" }, timeout: "10m" },
  },
  ({ task }) => {
    const load = task(
      "load_daily_sales",
      partitionLoad<ShopLine & Record<string, unknown>, Sale & Record<string, unknown>>({
        source: "shop",
        query: `
          select
            items.order_item_id, items.order_id, items.product_id, products.category, orders.placed_at,
            (orders.placed_at at time zone 'UTC')::date::text as sale_date,
            orders.status, orders.shipping_country as country, items.quantity, items.unit_price, items.discount
          from public.orders as orders
          join public.order_items as items using (order_id)
          join public.products as products using (product_id)
          where orders.placed_at >= :interval_start and orders.placed_at < :interval_end
          order by items.order_item_id`,
        into: "marts.fct_daily_sales",
        columns: {
          order_item_id: "bigint",
          order_id: "bigint",
          product_id: "bigint",
          category: "text",
          sale_date: "date",
          placed_at: "timestamptz",
          country: "text",
          quantity: "integer",
          gross_amount: "numeric(12,2)",
          net_amount: "numeric(12,2)",
        },
        keys: ["order_item_id"],
        partitionColumn: "placed_at",
        write: "replace",
        onInvalid: "quarantine",
        expect: [unique("order_item_id"), notNull("country"), between("net_amount", { min: 0 })],
        transform: (lines) => lines.filter(({ status }) => status !== "returned").map(toSale),
        validate: (sale) => {
          if (sale.country === null) return "no country"
          if (Number(sale.gross_amount) < 0) return "negative price"
        },
      }),
      { description: "One day of order lines, cleaned, validated and swapped in" },
    )
    task(
      "check_daily_sales",
      checks({
        table: "marts.fct_daily_sales",
        expect: [
          rowCount({ min: 1 }),
          unique("order_item_id"),
          notNull("sale_date"),
          between("quantity", { min: 1 }, { severity: "warn" }),
        ],
      }),
      { description: "The table as a whole still holds together" },
    ).after(load)
  },
)

/** Amounts are computed in whole cents: binary fractions would not add up. */
function toSale({ status: _status, unit_price, discount, ...line }: ShopLine): Sale & Record<string, unknown> {
  const grossCents = toHundredths(unit_price) * line.quantity
  const netCents = Math.round((grossCents * (100 - toHundredths(discount))) / 100)
  return { ...line, gross_amount: (grossCents / 100).toFixed(2), net_amount: (netCents / 100).toFixed(2) }
}

function toHundredths(decimal: string): number {
  return Math.round(Number(decimal) * 100)
}
