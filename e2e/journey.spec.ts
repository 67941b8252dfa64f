import { expect, type Page } from "@playwright/test"
import { test } from "./journey-test.ts"

const PIPELINE = "daily_etl"
const MODEL = "dbt/models/staging/stg_orders.sql"

test.beforeEach(async ({ api, page }) => {
  // It runs once at a time: what `npm start` or another journey began is over first.
  await api.quiet(PIPELINE)
  await page.goto(`/pipelines/${PIPELINE}`)
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
  await forbidReload(page)
})

test.afterEach(async ({ page }) => {
  expect(await page.evaluate(() => Reflect.get(window, "journey")), "the page was never loaded again").toBe(true)
})

test("a run is watched live from its start to its end", async ({ page, shop }) => {
  await shop.hold("lock table public.orders in access exclusive mode")
  const run = await startRun(page)
  await expect(heading(page)).toHaveText(`Run ${run} is running`)
  await expect(task(page, "extract_products", "success")).toBeVisible()
  await expect(task(page, "extract_orders", "running")).toBeVisible()
  await expect(task(page, "stg_orders", "waiting")).toBeVisible()
  await shop.mend()
  await expect(heading(page)).toHaveText(`Run ${run} succeeded`)
  await page.getByRole("button", { name: "Show the whole graph" }).click()
  for (const name of ["extract_orders", "fct_orders", "mrt_campaign_performance", "notify_success"]) {
    await expect(task(page, name, "success")).toBeVisible()
  }
  await expect(task(page, "notify_failure", "skipped")).toBeVisible()
  await page.getByRole("tab", { name: "Rows" }).click()
  await expect(page.getByRole("row", { name: /marts\.fct_orders/ })).toBeVisible()
})

test("a failure outside the code is read in the log, mended, and retried in the same run", async ({ page, shop }) => {
  await shop.breakBy(
    "alter table public.products rename column cost to cost_price",
    "alter table public.products rename column cost_price to cost",
  )
  const run = await startRun(page)
  await expect(heading(page)).toHaveText(`Run ${run} failed at extract_products`)
  await expect(task(page, "extract_products", "failed")).toBeVisible()
  await expect(task(page, "stg_orders", "upstream failed")).toBeVisible()

  await page.getByRole("button", { name: "Log at the error" }).click()
  await expect(log(page, "extract_products", 1).getByText(/cost/).first()).toBeInViewport()
  await page.getByRole("button", { name: "First error" }).click()
  await expect(page).toHaveURL(/line=\d+/)

  await shop.mend()
  await page.getByRole("button", { name: "Retry failed" }).click()
  const dialog = page.getByRole("dialog")
  await expect(dialog).toContainText("extract_products")
  await dialog.getByRole("button", { name: "Retry" }).click()
  await expect(heading(page)).toHaveText(`Run ${run} succeeded`)
  await expect(log(page, "extract_products", 2)).toBeVisible()
  await page.getByRole("radiogroup", { name: "Try" }).getByText("Try 1").click()
  await expect(log(page, "extract_products", 1).getByText(/cost/).first()).toBeVisible()
})

test("a failure in the code is read in the log, mended, and gone in the next version", async ({
  api,
  page,
  workspace,
}) => {
  const before = await currentVersion(page)
  workspace.replace(MODEL, "  channel,\n", "  sales_channel,\n")
  await expect.poll(() => currentVersion(page)).toBeGreaterThan(before)
  const broken = await currentVersion(page)
  const failed = await startRun(page)
  await expect(heading(page)).toHaveText(`Run ${failed} failed at stg_orders`)
  await page.getByRole("button", { name: "Log at the error" }).click()
  await expect(
    log(page, "stg_orders", 1)
      .getByText(/sales_channel/)
      .first(),
  ).toBeInViewport()
  await expect(page.getByRole("complementary", { name: "Task stg_orders" })).toContainText(MODEL)

  // The same run again, with the code as it is now.
  workspace.replace(MODEL, "  sales_channel,\n", "  lower(channel) as channel,\n")
  await expect.poll(async () => (await api.pipeline(PIPELINE)).version).toBeGreaterThan(broken)
  await page.getByRole("button", { name: "Retry failed" }).click()
  const dialog = page.getByRole("dialog")
  await dialog.getByText(/Current code, v\d+/).click()
  await dialog.getByRole("button", { name: "Retry" }).click()
  await expect(heading(page)).toHaveText(`Run ${failed} succeeded`)

  // And a run of its own.
  await page.getByRole("main").getByRole("link", { name: PIPELINE, exact: true }).click()
  await expect.poll(() => currentVersion(page)).toBeGreaterThan(broken)
  const mended = await currentVersion(page)
  const green = await startRun(page)
  await expect(heading(page)).toHaveText(`Run ${green} succeeded`)
  await page.getByRole("link", { name: `v${mended}`, exact: true }).click()
  await page.getByRole("combobox", { name: "Compare with" }).selectOption(String(broken))
  const changes = page.getByRole("region", { name: `Changes of ${MODEL}` })
  await expect(changes).toContainText(/-\s*sales_channel,/)
  await expect(changes).toContainText(/\+\s*lower\(channel\) as channel,/)
})

/** Presses "Run now" on the pipeline's page and opens the run that it made. */
async function startRun(page: Page): Promise<string> {
  await page.getByRole("button", { name: "Run now" }).first().click()
  await page.getByRole("dialog").getByRole("button", { name: "Run now" }).click()
  const toast = page
    .getByRole("listitem")
    .filter({ hasText: /Run \d+ of daily_etl is queued/ })
    .last()
  const run = /Run (\d+)/.exec((await toast.textContent()) ?? "")?.[1] ?? ""
  await toast.getByRole("button", { name: "Open" }).click()
  await expect(page).toHaveURL(new RegExp(`/runs/${run}$`))
  return run
}

/** A task that is in `state`, in the graph or over time: both name it first. */
function task(page: Page, name: string, state: string) {
  return page.getByRole("main").getByRole("button", { name: new RegExp(`^${name},? ${state}\\b`, "i") })
}

function log(page: Page, task: string, attempt: number) {
  return page.getByRole("region", { name: `Log of ${task}, try ${attempt}` })
}

function heading(page: Page) {
  return page.getByRole("heading", { level: 1 })
}

async function currentVersion(page: Page): Promise<number> {
  const tab = await page.getByRole("tab", { name: "Code" }).textContent()
  return Number(/v(\d+)/.exec(tab ?? "")?.[1])
}

async function forbidReload(page: Page): Promise<void> {
  await page.evaluate(() => Reflect.set(window, "journey", true))
}
