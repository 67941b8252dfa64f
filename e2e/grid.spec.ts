import { expect, type Page } from "@playwright/test"
import { test } from "./journey-test.ts"

const PIPELINE = "daily_etl"

test.beforeEach(({ api }) => api.quiet(PIPELINE))

test("a failure is found in the grid, read in its log and retried from there", async ({ api, page, shop }) => {
  await shop.breakBy(
    "alter table public.products rename column cost to cost_price",
    "alter table public.products rename column cost_price to cost",
  )
  const run = (await api.runToEnd(PIPELINE)).id
  await shop.mend()
  await open(page, `/pipelines/${PIPELINE}?tab=grid`)
  await expect(page.getByRole("columnheader", { name: new RegExp(`^Run ${run}, .*failed`) })).toBeVisible()

  await page.keyboard.press("n")
  await expect(page).toHaveURL(new RegExp(`run=${run}`))
  const panel = page.getByRole("complementary", { name: "Task extract_products" })
  await expect(panel).toContainText("Why it failed")
  await panel.getByRole("link", { name: "Log at the error" }).click()
  const log = page.getByRole("region", { name: "Log of extract_products, try 1" })
  await expect(log.getByText(/cost/).first()).toBeVisible()

  await page.getByRole("button", { name: "Retry failed" }).click()
  const dialog = page.getByRole("dialog")
  await expect(dialog).toContainText("extract_products")
  await dialog.getByRole("button", { name: "Retry" }).click()
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Run ${run} succeeded`)
})

test("the grid is walked with the keyboard and follows a run live", async ({ api, page, shop }) => {
  await shop.hold("lock table public.orders in access exclusive mode")
  await open(page, `/pipelines/${PIPELINE}?tab=grid&runs=14`)
  const grid = page.getByRole("grid", { name: /^Tasks of the last/ })
  await grid.focus()
  await page.keyboard.press("Control+Home")
  const active = page.locator("#grid-active-cell")
  while (!/^extraction/.test((await active.textContent()) ?? "")) await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Enter")
  await expect(grid.getByRole("rowheader", { name: /^extract_orders/ }), "its group is closed").toHaveCount(0)
  await page.keyboard.press("Enter")
  await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Enter")
  const panel = page.getByRole("complementary")
  await expect(panel.getByRole("heading", { name: "In the newest runs" })).toBeVisible()
  await page.keyboard.press("Escape")
  await expect(panel).toHaveCount(0)

  const run = (await api.startRun(PIPELINE)).id
  const column = grid.getByRole("columnheader", { name: new RegExp(`^Run ${run},`) })
  await expect(column).toBeVisible()
  const row = grid.getByRole("row").filter({ has: page.getByRole("rowheader", { name: /^extract_orders/ }) })
  await expect(row.getByRole("gridcell").last()).toHaveAccessibleName("Running")
  await shop.mend()
  await expect(row.getByRole("gridcell").last()).toHaveAccessibleName("Success")
  await api.ended(run)
})

test("a day of the calendar lists its runs, and its keys move through the year", async ({ api, page }) => {
  const run = (await api.runToEnd(PIPELINE)).id
  await open(page, `/pipelines/${PIPELINE}?tab=calendar`)
  const year = page.getByRole("grid", { name: /^Runs of \d{4} by day/ })
  await year.focus()
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(/day=\d{4}-\d\d-\d\d/)
  await expect(page.getByRole("table", { name: "Runs" }).getByRole("link", { name: run, exact: true })).toBeVisible()
})

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  // Keys are heard once the page is alive, as the dot in the bar says.
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
  await expect(page.getByRole("grid").first()).toBeVisible()
}
