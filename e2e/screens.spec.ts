import { expect } from "@playwright/test"
import { expectAccessible } from "./audit.ts"
import { type Estate, furnish } from "./estate.ts"
import { test } from "./journey-test.ts"
import { screensOf } from "./screens.ts"

/** Only the names count here; ids come once there is something to show. */
const NAMES = screensOf({ run: "", failedRun: "", incident: "", backfill: "", day: "", webhook: "" }).map(
  ({ name }) => name,
)

/** All that a theme changes. */
const COLOURS = ["color-contrast", "link-in-text-block"]

let estate: Estate

test.use({ allowedComplaints: [/status of 404 .*\/(nowhere|999999)/] })

test.beforeAll(async ({ baseURL }) => {
  estate = await furnish(baseURL ?? "")
})

for (const name of NAMES) {
  test(`${name}: shows its data to everyone, light, dark and on a phone`, async ({ page }) => {
    const screen = screensOf(estate).find((one) => one.name === name)
    if (!screen) throw new Error(`There is no screen ${name}.`)
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
    await page.goto(screen.path)
    await expect(screen.shows(page)).toBeVisible()
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light")
    await expectAccessible(page)

    await page.emulateMedia({ colorScheme: "dark" })
    await expect(page.locator("html")).toHaveAttribute("data-theme", "dark")
    await expectAccessible(page, COLOURS)

    await page.setViewportSize({ width: 360, height: 740 })
    await expect(page.getByRole("heading", { level: 1 })).toBeInViewport()
    expect(await page.evaluate(() => document.documentElement.scrollWidth), "nothing is wider than the phone").toBe(360)
    await expectAccessible(page)
  })
}

test("the icon that browsers ask for by themselves is there", async ({ request }) => {
  const answer = await request.get("/favicon.ico")
  expect(answer.status()).toBe(200)
  expect(answer.headers()["content-type"]).toContain("icon")
})
