import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { expect, type Page } from "@playwright/test"
import { dayBack } from "./estate.ts"
import { test } from "./journey-test.ts"

test("three days are previewed, loaded and watched to the end", async ({ page, shop }) => {
  await page.goto("/pipelines/data_backfill")
  await page.getByRole("main").getByRole("link", { name: "Backfill" }).click()
  await plan(page, dayBack(5), dayBack(3))
  await expect(page.getByRole("table", { name: "Plan" }).getByRole("row")).toHaveCount(4)
  await shop.hold("lock table public.order_items in access exclusive mode")
  await page.getByRole("button", { name: "Run 3 partitions" }).click()

  await expect(page).toHaveURL(/\/backfills\/\d+$/)
  await expect(partition(page, dayBack(5))).toContainText("Running")
  await expect(partition(page, dayBack(4))).toContainText(/Waiting|Queued/)
  await expect(page.getByText("0 of 3 partitions done")).toBeVisible()
  await shop.mend()
  await expect(page.getByText("3 of 3 partitions done")).toBeVisible()
  await expect(page.getByRole("figure", { name: "3 partitions" })).toContainText("Success 3")
  for (const days of [5, 4, 3]) await expect(partition(page, dayBack(days))).toContainText("Success")
})

test("a choice stays when the address of an older one is put back", async ({ page }) => {
  await page.goto("/backfills/new?pipeline=data_backfill")
  await page.getByLabel("First day").fill(dayBack(5))
  await expect(page).toHaveURL(/from=/)
  const older = page.url()
  await page.getByLabel("Last day").fill(dayBack(3))
  await expect(page).toHaveURL(/to=/)
  // As Next does on a busy machine: what it renders is a moment behind, and it writes the address of what it renders.
  await page.evaluate((url) => history.replaceState(history.state, "", url), older)
  await page.getByRole("radio", { name: /^All/ }).check()
  await expect(page).toHaveURL(/selection=all/)
  await expect(page).toHaveURL(new RegExp(`to=${dayBack(3)}`))
  await expect(page.getByLabel("Last day")).toHaveValue(dayBack(3))
})

test("a backfill that runs is cancelled, and says first what that means", async ({ page, shop }) => {
  await page.goto("/backfills/new?pipeline=data_backfill")
  await plan(page, dayBack(8), dayBack(6))
  await shop.hold("lock table public.order_items in access exclusive mode")
  await page.getByRole("button", { name: "Run 3 partitions" }).click()
  await expect(partition(page, dayBack(8))).toContainText("Running")

  await page.getByRole("button", { name: "Cancel" }).click()
  const dialog = page.getByRole("dialog")
  await expect(dialog).toContainText("1 partition being loaded")
  await expect(dialog).toContainText("2 partitions that have not started")
  await dialog.getByRole("button", { name: "Cancel backfill" }).click()
  await expect(partition(page, dayBack(8))).toContainText("Cancelled")
  await expect(page.getByRole("button", { name: "Cancel", exact: true })).toBeHidden()
  await expect(page.getByText("Cancelled", { exact: true }).first()).toBeVisible()
})

test("a backfill is paused, resumed, and what failed in it runs again alone", async ({ page, workspace, api }) => {
  // One day fails until the author mends it; the gate holds what runs until the journey lets it go.
  const gate = path.join(mkdtempSync(path.join(os.tmpdir(), "headrace-gate-")), "closed")
  writeFileSync(gate, "")
  const source = (broken: string) => `import { pipeline, shell } from "headrace"

pipeline({ id: "refilled", partition: "day", owner: "Data platform" }, ({ task, run }) => {
  task(
    "load",
    shell({
      command: \`while [ -e ${gate} ]; do sleep 0.05; done; [ "$DAY" != "${broken}" ] || { echo "the file of $DAY is missing" >&2; exit 3; }\`,
      env: { DAY: run.partitionKey },
    }),
  )
})
`
  workspace.write("pipelines/refilled.ts", source(dayBack(4)))
  await expect
    .poll(() =>
      api.pipeline("refilled").then(
        ({ version }) => version,
        () => null,
      ),
    )
    .toBe(1)

  await page.goto("/pipelines/refilled")
  await page.getByRole("main").getByRole("link", { name: "Backfill" }).click()
  await plan(page, dayBack(5), dayBack(3))
  await page.getByRole("button", { name: "Run 3 partitions" }).click()
  await expect(partition(page, dayBack(5))).toContainText("Running")

  await page.getByRole("button", { name: "Pause" }).click()
  await expect(page.getByRole("button", { name: "Resume" })).toBeVisible()
  rmSync(gate)
  await expect(page.getByText("1 of 3 partitions done")).toBeVisible()
  await expect(partition(page, dayBack(4)), "a paused backfill starts nothing").toContainText("Waiting")
  await page.getByRole("button", { name: "One more at once" }).click()
  await expect(page.getByRole("status", { name: "At once" })).toHaveText("2")
  await page.getByRole("button", { name: "Resume" }).click()

  await expect(page.getByText("2 of 3 partitions done, 1 failed")).toBeVisible()
  await expect(partition(page, dayBack(4))).toContainText("Failed")
  workspace.write("pipelines/refilled.ts", source("none"))
  await expect.poll(async () => (await api.pipeline("refilled")).version).toBe(2)
  await page.getByRole("button", { name: "Run 1 failed partition again" }).click()
  const dialog = page.getByRole("dialog")
  await expect(dialog).toContainText("The 2 partitions that are loaded are not touched")
  await dialog.getByRole("button", { name: "Run again" }).click()
  await expect(page.getByText("3 of 3 partitions done")).toBeVisible()
  await expect(partition(page, dayBack(4))).toContainText("try 2")
  await expect(partition(page, dayBack(5))).not.toContainText("try")
})

/** Chooses all days of a range, and waits until the preview is of these. */
async function plan(page: Page, from: string, to: string): Promise<void> {
  await page.getByLabel("First day").fill(from)
  await page.getByLabel("Last day").fill(to)
  await page.getByRole("radio", { name: /^All/ }).check()
  await expect(page.getByRole("status").filter({ hasText: "Will run 3 of 3 partitions" })).toBeVisible()
  await expect(page.getByRole("table", { name: "Plan" }).getByRole("row", { name: from })).toContainText("Create")
}

function partition(page: Page, day: string) {
  return page.getByRole("table", { name: "Partitions" }).getByRole("row", { name: day })
}
