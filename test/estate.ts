import type { Manifest, ManifestTask } from "#lib/contracts/manifest.ts"
import { makeManifest } from "./factories.ts"

/** One pipeline of the made-up estate that `seed-history.ts` fills a database with. */
export interface EstatePipeline {
  manifest: Manifest
  /** Share of the runs asked for; daily pipelines run once a day whatever is asked for. */
  share: number | "daily"
  /** Runs that fail, of 1,000. */
  failuresPerMille: number
  /** Seconds of each task in an ordinary run, by task id; 5 unless given. */
  seconds: Record<string, number>
}

type TaskSketch = Partial<ManifestTask> & { id: string }
const RETRY = { retries: 2, delayMs: 10_000, backoffFactor: 2, maxDelayMs: 300_000 }

const extract = (table: string, upstream: string[] = []): TaskSketch => ({
  id: `extract_${table}`,
  group: "extraction",
  operator: "extract",
  description: `Copies new and changed ${table.replaceAll("_", " ")} from the shop.`,
  options: { source: "shop", table: `public.${table}`, into: `raw.${table}`, keys: ["id"] },
  upstream,
  retry: RETRY,
  timeoutMs: 1_800_000,
  writes: [`warehouse.raw.${table}`],
  source: { file: "pipelines/daily_etl.ts", line: 24 },
})

const sql = (group: string, table: string, upstream: string[], reads: string[]): TaskSketch => {
  const [schema, name] = table.split(".") as [string, string]
  return {
    id: name,
    group,
    operator: "sql",
    options: { file: `sql/${schema}/${name}.sql`, writes: table },
    upstream,
    retry: RETRY,
    timeoutMs: 900_000,
    reads: reads.map((read) => `warehouse.${read}`),
    writes: [`warehouse.${table}`],
    source: { file: "pipelines/daily_etl.ts", line: 40 },
  }
}

const check = (table: string, upstream: string[]): TaskSketch => ({
  id: `check_${table.split(".")[1]}`,
  group: "quality_checks",
  operator: "checks",
  options: { table, gate: true },
  upstream,
  reads: [`warehouse.${table}`],
  source: { file: "pipelines/daily_etl.ts", line: 71 },
})

const notify = (id: string, triggerRule: "one_failed" | "all_success", upstream: string[]): TaskSketch => ({
  id,
  operator: "notify",
  options: { channel: "team", subject: `{{pipelineId}} ${triggerRule === "one_failed" ? "failed" : "succeeded"}` },
  upstream,
  triggerRule,
})

const group = (id: string, description: string) => ({ id, parent: null, description })

const DAILY_ETL = makeManifest({
  id: "daily_etl",
  description: "The shop's orders, customers and products as marts, every morning.",
  owner: "Data platform",
  tags: ["core", "shop"],
  docs: "# Daily ETL\n\nExtracts the shop's tables, builds staging and marts, checks them.\n\n- **Owner:** Data platform\n- **Runbook:** rerun from the failed task; loads replace whole partitions.\n",
  schedule: { cron: "0 5 * * *", timezone: "Europe/Berlin" },
  startDate: "2026-01-01T00:00:00Z",
  partition: "day",
  params: { type: "object", properties: { day: { type: "string", format: "date" } }, additionalProperties: false },
  groups: [
    group("extraction", "New and changed rows of the shop."),
    group("transformation", "Staging, intermediate and mart tables."),
    group("quality_checks", "What must hold before anyone reads the marts."),
  ],
  tasks: [
    extract("orders"),
    extract("customers"),
    extract("products"),
    extract("order_items"),
    sql("transformation", "staging.stg_orders", ["extract_orders"], ["raw.orders"]),
    sql("transformation", "staging.stg_customers", ["extract_customers"], ["raw.customers"]),
    sql("transformation", "staging.stg_products", ["extract_products"], ["raw.products"]),
    sql(
      "transformation",
      "intermediate.int_order_lines",
      ["stg_orders", "stg_products", "extract_order_items"],
      ["staging.stg_orders", "raw.order_items"],
    ),
    sql("transformation", "marts.dim_customers", ["stg_customers"], ["staging.stg_customers"]),
    sql("transformation", "marts.fct_orders", ["int_order_lines", "dim_customers"], ["intermediate.int_order_lines"]),
    sql("transformation", "marts.mrt_campaign_performance", ["fct_orders"], ["marts.fct_orders"]),
    check("marts.dim_customers", ["dim_customers"]),
    check("marts.fct_orders", ["fct_orders"]),
    notify("notify_success", "all_success", ["check_fct_orders", "check_dim_customers", "mrt_campaign_performance"]),
    notify("notify_failure", "one_failed", ["check_fct_orders", "check_dim_customers", "mrt_campaign_performance"]),
  ],
})

/** A source that is copied in one step, staged in a second and checked in a third. */
function sync(id: string, cron: string, owner: string, table: string, description: string): Manifest {
  const file = `pipelines/${id}.ts`
  const raw = { ...extract(table), source: { file, line: 12 } }
  const staged = {
    ...sql("transformation", `staging.stg_${table}`, [raw.id], [`raw.${table}`]),
    source: { file, line: 20 },
  }
  return makeManifest({
    id,
    description,
    owner,
    tags: ["sync"],
    schedule: { cron, timezone: "UTC" },
    groups: [group("extraction", ""), group("transformation", ""), group("quality_checks", "")],
    tasks: [raw, staged, { ...check(`staging.stg_${table}`, [staged.id]), source: { file, line: 28 } }],
  })
}

const MARKETING = makeManifest({
  id: "marketing_attribution",
  description: "Which campaign an order came from.",
  owner: "Marketing analytics",
  tags: ["marts"],
  schedule: { cron: "30 6 * * *", timezone: "Europe/Berlin" },
  partition: "day",
  tasks: [
    { id: "fetch_spend", operator: "http", retry: RETRY, options: { url: "https://ads.example/spend" } },
    { id: "sessions", operator: "fn", upstream: [], options: {} },
    {
      id: "attribute",
      operator: "sql",
      upstream: ["fetch_spend", "sessions"],
      writes: ["warehouse.marts.attribution"],
    },
    { id: "export_report", operator: "shell", upstream: ["attribute"], options: { command: "node scripts/export.js" } },
  ],
})

const BACKFILL = makeManifest({
  id: "data_backfill",
  description: "Loads a range of days again, one partition at a time.",
  owner: "Data platform",
  tags: ["backfill"],
  partition: "day",
  tasks: [
    { id: "load_day", operator: "partitionLoad", writes: ["warehouse.marts.orders_by_day"], retry: RETRY },
    { id: "check_day", operator: "checks", upstream: ["load_day"], reads: ["warehouse.marts.orders_by_day"] },
  ],
})

const FINANCE = makeManifest({
  id: "finance_close",
  description: "Revenue by account, for the books.",
  owner: "Finance",
  tags: ["finance"],
  schedule: { cron: "0 7 * * 1-5", timezone: "Europe/Berlin" },
  tasks: [
    { id: "ledger", operator: "sql", writes: ["warehouse.finance.ledger"] },
    { id: "reconcile", operator: "fn", upstream: ["ledger"], memoryMb: 1024 },
    {
      id: "revenue_by_account",
      operator: "sql",
      upstream: ["reconcile"],
      writes: ["warehouse.finance.revenue_by_account"],
    },
  ],
})

export const ESTATE: EstatePipeline[] = [
  {
    manifest: DAILY_ETL,
    share: "daily",
    failuresPerMille: 140,
    seconds: { extract_orders: 64, extract_order_items: 92, int_order_lines: 41, fct_orders: 55, dim_customers: 18 },
  },
  { manifest: MARKETING, share: "daily", failuresPerMille: 70, seconds: { sessions: 130, attribute: 45 } },
  { manifest: FINANCE, share: "daily", failuresPerMille: 0, seconds: { ledger: 80, reconcile: 34 } },
  { manifest: BACKFILL, share: "daily", failuresPerMille: 100, seconds: { load_day: 21 } },
  {
    manifest: sync("crm_sync", "*/15 * * * *", "Revenue operations", "accounts", "Accounts and contacts of the CRM."),
    share: 0.5,
    failuresPerMille: 25,
    seconds: { extract_accounts: 24 },
  },
  {
    manifest: sync("inventory_sync", "10 * * * *", "Supply", "stock_levels", "Stock by warehouse and article."),
    share: 0.3,
    failuresPerMille: 8,
    seconds: { extract_stock_levels: 40 },
  },
  {
    manifest: sync("support_tickets", "5 * * * *", "Support", "tickets", "Tickets and their answers."),
    share: 0.2,
    failuresPerMille: 12,
    seconds: { extract_tickets: 15 },
  },
]
