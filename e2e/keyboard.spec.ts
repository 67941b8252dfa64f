import { expect, type Page } from "@playwright/test"
import { type Estate, furnish } from "./estate.ts"
import { test } from "./journey-test.ts"

let estate: Estate

test.beforeAll(async ({ baseURL }) => {
  estate = await furnish(baseURL ?? "")
})

test("the palette jumps to a pipeline and starts a run of it", async ({ page, api }) => {
  await open(page, "/")
  await page.keyboard.press("Control+k")
  const palette = page.getByRole("dialog", { name: "Jump to or run" })
  await expect(palette).toBeVisible()
  await page.keyboard.type("data_back")
  await expect(palette.getByRole("option", { selected: true })).toContainText("data_backfill")
  await page.keyboard.press("Enter")
  await expect(page).toHaveURL(/\/pipelines\/data_backfill$/)
  await expect(palette).toBeHidden()
  await expect(heading(page)).toHaveText("data_backfill")

  await page.keyboard.press("Control+k")
  await page.keyboard.type("shop_sim")
  const start = palette.getByRole("option", { name: /^Run shop_simulator now/ })
  await expect(start).toBeVisible()
  while ((await start.getAttribute("aria-selected")) !== "true") await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Enter")
  const toast = page.getByText(/Run \d+ of shop_simulator is queued/)
  await expect(toast).toBeVisible()
  const run = /Run (\d+)/.exec((await toast.textContent()) ?? "")?.[1] ?? ""
  expect((await api.ended(run)).state).toBe("success")
})

test("g and a letter go to each screen", async ({ page }) => {
  await open(page, "/")
  for (const [letter, title] of [
    ["p", "Pipelines"],
    ["r", "Runs"],
    ["b", "Backfills"],
    ["d", "Datasets"],
    ["w", "Webhooks"],
    ["s", "System"],
  ] as const) {
    // Two keys are a sequence within a second, which a busy machine may take for the first alone.
    await expect(async () => {
      await page.keyboard.press("g")
      await page.keyboard.press(letter)
      await expect(heading(page)).toHaveText(title, { timeout: 3_000 })
    }).toPass()
  }
  await page.keyboard.press("g")
  await page.keyboard.press("o")
  await expect(page).toHaveURL(/\/$/)
})

test("a screen is fetched when somebody stays on a link to it, and not before", async ({ page }) => {
  const fetched: string[] = []
  page.on("request", (request) => {
    if (request.url().includes("_rsc=")) fetched.push(new URL(request.url()).pathname)
  })
  await open(page, "/runs")
  await expect(page.getByRole("link", { name: estate.run, exact: true }).first()).toBeVisible()
  await page.waitForLoadState("load")
  expect(fetched).toEqual([])
  const soon = page.waitForRequest((request) => /\/freshness\?.*_rsc=/.test(request.url()))
  await page.getByRole("link", { name: "Freshness" }).hover()
  await soon
  expect(new Set(fetched)).toEqual(new Set(["/freshness"]))
})

test("j, k, Enter, / and Esc work a list", async ({ page }) => {
  await open(page, "/datasets")
  const rows = page.getByRole("table", { name: "Datasets" }).getByRole("row")
  await expect(rows.nth(2)).toBeVisible()
  const rowLink = (index: number) => rows.nth(index).locator("[data-row-link]")
  await page.keyboard.press("j")
  await expect(rowLink(1)).toBeFocused()
  await page.keyboard.press("j")
  await expect(rowLink(2)).toBeFocused()
  await page.keyboard.press("k")
  await expect(rowLink(1)).toBeFocused()

  await page.keyboard.press("/")
  const search = page.getByRole("searchbox", { name: "Search datasets" })
  await expect(search).toBeFocused()
  await page.keyboard.type("fct_orders")
  await expect(page).toHaveURL(/q=fct_orders/)
  await expect(rows).toHaveCount(2)
  await page.keyboard.press("Escape")
  await expect(search).not.toBeFocused()
  await expect(search).toHaveValue("")
  await expect(rows.nth(2)).toBeVisible()

  await page.keyboard.press("j")
  const name = (await rowLink(1).textContent()) ?? ""
  await page.keyboard.press("Enter")
  await expect(heading(page)).toHaveText(name)
})

test("? lists the keys, and the switch there turns single keys off", async ({ page }) => {
  await open(page, "/runs")
  await page.keyboard.press("?")
  const sheet = page.getByRole("dialog", { name: "Keys" })
  await expect(sheet).toContainText("Next row")
  await expect(sheet).toContainText("Palette")
  const single = sheet.getByRole("checkbox", { name: /Single keys work/ })
  while (!(await single.evaluate((box) => box === document.activeElement))) await page.keyboard.press("Tab")
  await page.keyboard.press("Space")
  await expect(single).not.toBeChecked()
  await page.keyboard.press("Escape")
  await expect(sheet).toBeHidden()
  await page.keyboard.press("?")
  await page.keyboard.press("Control+k")
  await expect(page.getByRole("dialog", { name: "Jump to or run" })).toBeVisible()
  await expect(sheet).toBeHidden()
})

test("the failed run is found and its first error opened without a mouse", async ({ page }) => {
  await open(page, "/")
  await page.keyboard.press("g")
  await page.keyboard.press("r")
  await expect(heading(page)).toHaveText("Runs")
  const link = page.getByRole("table", { name: "Runs" }).getByRole("link", { name: estate.failedRun, exact: true })
  await expect(link).toBeVisible()
  await page.keyboard.press("/")
  await page.keyboard.type("budget")
  await expect(page.getByRole("table", { name: "Runs" }).getByRole("row")).toHaveCount(2)
  await page.keyboard.press("Tab")
  await page.keyboard.press("j")
  await expect(link).toBeFocused()
  await page.keyboard.press("Enter")
  await expect(heading(page)).toHaveText(`Run ${estate.failedRun} failed at extract_campaigns`)
  await page.keyboard.press("l")
  const log = page.getByRole("region", { name: "Log of extract_campaigns, try 1" })
  await expect(log.getByText(/budget/).first()).toBeInViewport()
  await page.keyboard.press("f")
  await expect(page).toHaveURL(/line=\d+/)

  await page.keyboard.press("r")
  const dialog = page.getByRole("dialog")
  await expect(dialog).toContainText("extract_campaigns")
  await page.keyboard.press("Escape")
  await expect(dialog).toBeHidden()
})

async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  // Keys are heard once the page is alive, as the dot in the bar says.
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
}

function heading(page: Page) {
  return page.getByRole("heading", { level: 1 })
}
