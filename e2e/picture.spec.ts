import { expect } from "@playwright/test"
import { furnish } from "./estate.ts"
import { test } from "./journey-test.ts"

test("the README's picture is taken", async ({ baseURL, page }) => {
  test.skip(process.env.HEADRACE_SCREENSHOT !== "1", "HEADRACE_SCREENSHOT=1 writes docs/overview.png")
  await furnish(baseURL ?? "")
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" })
  await page.goto("/")
  for (const chart of ["Runs by state", "Quality score", "Rows processed"]) {
    await expect(page.getByLabel(`${chart}, per day`).getByText("today").first()).toBeVisible()
  }
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
  await page.screenshot({ path: "docs/overview.png" })
})
