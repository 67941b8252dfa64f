import { expect, type Page } from "@playwright/test"
import { test } from "./journey-test.ts"

const PIPELINE = "count_the_till"
const FILE = `pipelines/${PIPELINE}.ts`
const TABLE = "e2e_till.takings"

/** Version 1 asks for an id, version 2 for an amount too. */
const source = (expectations: string) => `import { between, checks, notNull, pipeline } from "headrace"

export default pipeline({ id: "${PIPELINE}", owner: "Till" }, ({ task }) => {
  task("check_takings", checks({ table: "${TABLE}", expect: [${expectations}] }))
})

export const used = [between, notNull]
`

test("what fails shows in triage, is seen to, mended, retried there, and then over by itself", async ({
  api,
  page,
  warehouse,
  workspace,
}) => {
  await warehouse.breakBy(
    `create schema e2e_till; create table ${TABLE} (id int, amount int); insert into ${TABLE} values (1, 20), (2, 30)`,
    "drop schema e2e_till cascade",
  )
  workspace.write(FILE, source(`notNull("id")`))
  await expect.poll(() => api.definitions()).toContainEqual(expect.stringMatching(`^${PIPELINE}@`))
  const { version } = await api.pipeline(PIPELINE)
  const good = await api.runToEnd(PIPELINE)
  expect(good.state).toBe("success")
  workspace.write(FILE, source(`notNull("id"), between("amount", { min: 0 })`))
  await expect.poll(() => api.pipeline(PIPELINE).then((one) => one.version)).not.toBe(version)
  const now = (await api.pipeline(PIPELINE)).version

  // It appears without anything being pressed.
  await page.goto("/triage?q=amount")
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
  await warehouse.query(`insert into ${TABLE} values (3, -5)`)
  const failed = await api.runToEnd(PIPELINE)
  expect(failed.state).toBe("failed")
  await page.getByRole("region", { name: "Incidents" }).getByRole("link", { name: PIPELINE }).click()
  const incident = page.getByRole("region", { name: "Incident", exact: true })
  await expect(incident.getByText("Open", { exact: true })).toBeVisible()
  await expect(incident.getByRole("region", { name: "Next steps" })).toContainText("mend the rows")
  await expect(incident.getByRole("region", { name: "First error" })).toContainText("amount")
  const changes = incident.getByRole("region", { name: "Changed since the last success" })
  await expect(changes).toContainText(`run ${good.id}`)
  await expect(changes.getByRole("row", { name: /check_takings changed/ })).toContainText(
    new RegExp(`v${version}.*v${now}`),
  )

  await page.keyboard.press("a")
  await expect(toast(page, /acknowledged/)).toBeVisible()
  await expect(incident.getByText("Acknowledged", { exact: true })).toBeVisible()

  await warehouse.query(`delete from ${TABLE} where amount < 0`)
  await incident.getByRole("button", { name: "Retry the failed run" }).click()
  const dialog = page.getByRole("dialog")
  await expect(dialog).toContainText("1 task of 1 run runs again")
  await dialog.getByRole("button", { name: "Retry" }).click()
  await expect(incident.getByText("Resolved", { exact: true }).first()).toBeVisible()
  await expect(incident.getByRole("region", { name: "Activity" })).toContainText(/headrace\s*resolved it/)
  await page.getByRole("radio", { name: "Resolved" }).click()
  await expect(page.getByRole("region", { name: "Incidents" }).getByRole("link", { name: PIPELINE })).toBeVisible()
})

function toast(page: Page, text: RegExp) {
  return page.getByRole("listitem").filter({ hasText: text }).last()
}
