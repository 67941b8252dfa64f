import { expect } from "@playwright/test"
import { furnish } from "./estate.ts"
import { test } from "./journey-test.ts"

test.beforeAll(async ({ baseURL }) => {
  await furnish(baseURL ?? "")
})

test("somebody finds a dataset, follows one of its columns and learns what breaks without it", async ({ page }) => {
  await page.goto("/lineage")
  await expect(page.getByRole("button", { name: /^fct_orders/ })).toBeVisible()
  await page.keyboard.press("/")
  await page.keyboard.type("stg_order_items")
  await page.keyboard.press("Enter")
  const panel = page.getByRole("complementary", { name: "stg_order_items" })
  await panel.getByRole("button", { name: /^quantity/ }).click()
  await expect(panel.getByRole("heading", { name: "If this column goes" })).toBeVisible()
  await expect(panel.getByText(/datasets? fails?/)).toBeVisible()
  await expect(page.getByRole("list", { name: "Columns of int_order_totals on the way" })).toBeVisible()
  await expect(page).toHaveURL(/dataset=warehouse\.staging\.stg_order_items&column=quantity/)

  await page.getByRole("button", { name: "Only its way" }).click()
  await expect(page.getByRole("button", { name: /^dim_date/ })).toBeHidden()
  await panel.press("Escape")
  await expect(panel).toBeHidden()
  await expect(page.getByRole("button", { name: /^dim_date/ })).toBeVisible()
})

test("arrow keys walk from dataset to dataset, and Enter selects one", async ({ page }) => {
  await page.goto("/lineage?around=warehouse.marts.fct_orders&depth=1")
  const facts = page.getByRole("button", { name: /^fct_orders/ })
  await expect(facts).toBeVisible()
  await facts.focus()
  await page.keyboard.press("ArrowLeft")
  const focused = page.locator("button[id^='node-']:focus")
  await expect(focused).toBeVisible()
  await expect(focused).not.toHaveText(/^fct_orders/)
  await page.keyboard.press("Enter")
  await expect(focused).toHaveAttribute("aria-pressed", "true")
})

test("somebody looks at a dataset as of a version, and goes back to now by a key", async ({ page }) => {
  await page.goto("/datasets/warehouse.marts.fct_orders?tab=versions")
  await page
    .getByRole("button", { name: /^Version/ })
    .first()
    .click()
  const banner = page.getByRole("region", { name: "As of a version" })
  await expect(banner).toContainText("of daily_etl")
  await page.getByRole("tab", { name: /^Columns/ }).click()
  await expect(page.getByRole("row", { name: /order_date/ })).toBeVisible()
  await expect(page).toHaveURL(/version=\d+&pipeline=daily_etl/)
  await page.keyboard.press("]")
  await expect(banner).toBeHidden()
  await expect(page).not.toHaveURL(/version=/)
})
