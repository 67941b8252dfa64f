import { expect, type Page } from "@playwright/test"
import { test } from "./journey-test.ts"

const PIPELINE = "tide_gauge"
const TABLE = "demo_tides.levels"

test("a dataset is late when nothing comes, and on time again once it does", async ({ api, page, workspace, cli }) => {
  workspace.write(
    `pipelines/${PIPELINE}.ts`,
    `import { pipeline, sql } from "headrace"

pipeline({ id: "${PIPELINE}" }, ({ task }) => {
  task(
    "measure",
    sql({
      text: "create schema if not exists demo_tides; create table if not exists ${TABLE} (at timestamptz)",
      writes: "${TABLE}",
    }),
  )
})
`,
  )
  // Long enough to see it fresh, short enough to wait for.
  workspace.write(
    "quality/tides.yml",
    `datasets:\n  ${TABLE}:\n    owner: Harbour\n    freshness: { maxAge: { error: 4s } }\n`,
  )
  await expect
    .poll(() =>
      api
        .pipeline(PIPELINE)
        .then((one) => one.isDefined)
        .catch(() => false),
    )
    .toBe(true)

  await page.goto("/freshness?owner=Harbour")
  const row = page.getByRole("row", { name: /levels/ })
  // Nothing has come for longer than it may be old.
  await expect(row).toContainText("Late", { timeout: 15_000 })
  await expect(heading(page)).toContainText(/1 dataset is late/)
  const ofTheTable = await cli("freshness", TABLE)
  expect(ofTheTable.code, ofTheTable.stderr).toBe(1)
  expect(ofTheTable.stdout).toMatch(/demo_tides\.levels .* error /)

  // A load makes it fresh without anything being pressed, and time alone late again.
  const { id } = await api.startRun(PIPELINE)
  await expect(row).toContainText(/On time|At risk/, { timeout: 15_000 })
  await api.ended(id)
  await expect(row).toContainText("Late", { timeout: 15_000 })

  await row.getByRole("link", { name: "levels" }).click()
  await expect(page.getByRole("tab", { name: "Freshness", selected: true })).toBeVisible()
  await expect(page.getByRole("region", { name: "Freshness now" })).toContainText("No load since")
  const states = page.getByRole("table", { name: "States of freshness" }).getByRole("row")
  await expect(states.nth(1)).toContainText("Late")
  await expect(states.nth(2)).toContainText("On time")
  await expect(states.nth(3)).toContainText("Late")
})

function heading(page: Page) {
  return page.getByRole("heading", { level: 1 })
}
