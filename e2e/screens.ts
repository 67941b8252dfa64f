import type { Locator, Page } from "@playwright/test"
import { type Estate, WEBHOOK_URL } from "./estate.ts"

/** A screen of the console. */
export interface Screen {
  name: string
  path: string
  /** What stands there once its data has come. */
  shows: (page: Page) => Locator
  /** One of the few that stand for their kind where a check takes long. */
  isMain?: boolean
  /** It, or its data, is answered with 404, which Lighthouse takes for a page that failed. */
  isMissing?: boolean
}

const FACTS = "warehouse.marts.fct_orders"
const SALES = "warehouse.marts.fct_daily_sales"

/** Every screen of the console, each tab as one. */
export function screensOf({ run, failedRun, incident, backfill, day, webhook }: Estate): Screen[] {
  const pipeline = "/pipelines/daily_etl"
  return [
    { name: "overview", path: "/", shows: text("Rows processed"), isMain: true },
    { name: "pipelines", path: "/pipelines", shows: link("daily_etl"), isMain: true },
    { name: "pipeline, graph", path: pipeline, shows: button(/^fct_orders Success/), isMain: true },
    { name: "pipeline, runs", path: `${pipeline}?tab=runs`, shows: link(run) },
    { name: "pipeline, grid", path: `${pipeline}?tab=grid`, shows: cell("Success"), isMain: true },
    {
      name: "pipeline, grid, task of the failed run",
      path: `${pipeline}?tab=grid&run=${failedRun}&task=extract_campaigns`,
      shows: text("Why it failed"),
    },
    { name: "pipeline, grid, task", path: `${pipeline}?tab=grid&task=fct_orders`, shows: text("In the newest runs") },
    { name: "pipeline, calendar", path: `${pipeline}?tab=calendar`, shows: cell(/success/) },
    { name: "pipeline, code", path: "/pipelines/shop_simulator?tab=code", shows: text("advance_shop") },
    { name: "pipeline, docs", path: `${pipeline}?tab=docs`, shows: text("Run it again at any time") },
    { name: "pipeline, settings", path: `${pipeline}?tab=settings`, shows: text("attribution_days") },
    { name: "runs", path: "/runs", shows: link(run), isMain: true },
    { name: "run, graph", path: `/runs/${run}?tab=graph`, shows: button(/^fct_orders Success/) },
    { name: "run, gantt and log", path: `/runs/${run}?tab=gantt&task=fct_orders`, shows: text("Try 1 of fct_orders") },
    { name: "run, tasks", path: `/runs/${run}?tab=tasks`, shows: row("mrt_campaign_performance") },
    { name: "run, outputs", path: `/runs/${run}?tab=outputs`, shows: row("create_schemas statements") },
    { name: "run, rows", path: `/runs/${run}?tab=rows`, shows: row("marts.fct_orders") },
    { name: "run, quality", path: `/runs/${run}?tab=quality`, shows: row("lines_add_up_to_the_orders_total") },
    { name: "failed run", path: `/runs/${failedRun}`, shows: text("Retry failed"), isMain: true },
    {
      name: "failed run, what changed",
      path: `/runs/${failedRun}?tab=changes`,
      shows: text("Changed since the last success"),
    },
    { name: "triage", path: `/triage?incident=${incident}`, shows: text("Why these are one"), isMain: true },
    { name: "incident", path: `/triage/${incident}`, shows: text("Why these are one") },
    { name: "log search", path: "/logs?q=budget_gone", shows: text("Searched") },
    { name: "datasets", path: "/datasets", shows: link("fct_orders") },
    { name: "dataset, quality", path: `/datasets/${FACTS}`, shows: row("lines_add_up"), isMain: true },
    { name: "dataset, volume", path: `/datasets/${FACTS}?tab=volume`, shows: text("Nothing is judged yet") },
    { name: "dataset, schema", path: `/datasets/${FACTS}?tab=schema`, shows: row("order_id") },
    { name: "dataset, columns", path: `/datasets/${FACTS}?tab=columns`, shows: row("order_date") },
    { name: "dataset, profile", path: `/datasets/${FACTS}?tab=profile`, shows: button(/^Profile now/) },
    { name: "dataset, SQL", path: `/datasets/${FACTS}?tab=sql`, shows: text("is_incremental") },
    {
      name: "dataset, lineage",
      path: `/datasets/${FACTS}?tab=lineage&at=${FACTS}&column=revenue`,
      shows: button(/^stg_orders/),
    },
    { name: "compare", path: "/diff?left=marts.fct_orders&key=order_id", shows: text("Both sides are equal") },
    { name: "dataset, versions", path: `/datasets/${FACTS}?tab=versions`, shows: text("first known") },
    {
      name: "dataset, as of a version",
      path: `/datasets/${FACTS}?version=1&pipeline=daily_etl`,
      shows: button(/^Back to now/),
    },
    { name: "dataset, sample", path: `/datasets/${FACTS}?tab=sample`, shows: row("order_id") },
    {
      name: "dataset, history",
      path: "/datasets/warehouse.snapshots.customers_snapshot?tab=history",
      shows: text("Most often changed"),
    },
    { name: "dataset, loads", path: `/datasets/${FACTS}?tab=loads`, shows: row("fct_orders") },
    { name: "dataset, partitions", path: `/datasets/${SALES}?tab=partitions`, shows: row(day) },
    {
      name: "dataset, watermarks",
      path: "/datasets/warehouse.raw.orders?tab=watermarks",
      shows: row("shop.public.orders"),
    },
    { name: "quality", path: "/quality", shows: link("fct_orders"), isMain: true },
    { name: "quality, failing checks", path: "/quality?view=checks", shows: text("Failing checks") },
    { name: "expectations", path: "/quality/expectations", shows: text("expect_column_values_to_not_be_null") },
    { name: "lineage", path: "/lineage", shows: button(/^fct_orders/), isMain: true },
    { name: "lineage, column", path: `/lineage?dataset=${FACTS}&column=revenue`, shows: text("If this column goes") },
    { name: "lineage, around one", path: `/lineage?around=${FACTS}&depth=1`, shows: button(/^fct_orders/) },
    { name: "freshness", path: "/freshness", shows: link("fct_orders") },
    { name: "dataset, freshness", path: `/datasets/${FACTS}?tab=freshness`, shows: button(/^Check now/) },
    { name: "backfills", path: "/backfills", shows: link(backfill) },
    { name: "backfill", path: `/backfills/${backfill}`, shows: row(day) },
    {
      name: "new backfill",
      path: `/backfills/new?pipeline=data_backfill&from=${day}&to=${day}&selection=all`,
      shows: row(day),
    },
    { name: "approvals", path: "/approvals", shows: text("Nothing waits for you") },
    { name: "alerts", path: "/alerts", shows: button(/^A pipeline failed$/), isMain: true },
    { name: "alerts, routes", path: "/alerts?tab=routes", shows: text("Nobody is told of incidents") },
    { name: "alerts, channels", path: "/alerts?tab=channels", shows: text("A channel is a variable") },
    { name: "alerts, maintenance", path: "/alerts?tab=maintenance", shows: text("No maintenance") },
    { name: "alerts, log", path: "/alerts?tab=log", shows: text("Nobody was told anything") },
    { name: "webhooks", path: "/webhooks", shows: link(WEBHOOK_URL) },
    { name: "webhook", path: `/webhooks/${webhook}`, shows: row("webhook.test") },
    { name: "system", path: "/system", shows: row("Active") },
    { name: "system, waiting", path: "/system?waiting=worker", shows: text("Waiting for a worker") },
    { name: "no such page", path: "/nowhere", shows: text("Nothing stands at this address"), isMissing: true },
    { name: "no such run", path: "/runs/999999", shows: text("There is no such run"), isMissing: true },
  ]
}

type Shows = Screen["shows"]

function link(name: string): Shows {
  return (page) => page.getByRole("main").getByRole("link", { name, exact: true }).first()
}

function button(name: RegExp): Shows {
  return (page) => page.getByRole("main").getByRole("button", { name }).first()
}

function row(name: string): Shows {
  return (page) => page.getByRole("main").getByRole("row", { name }).first()
}

function cell(name: string | RegExp): Shows {
  return (page) => page.getByRole("main").getByRole("gridcell", { name }).first()
}

function text(words: string): Shows {
  return (page) => page.getByRole("main").getByText(words).first()
}
