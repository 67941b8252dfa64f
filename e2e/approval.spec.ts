import { expect, type Page } from "@playwright/test"
import { test } from "./journey-test.ts"

const PIPELINE = "ask_before"
const FILE = `pipelines/${PIPELINE}.ts`
const QUESTION = "Publish the numbers of today?"

test.beforeEach(async ({ api, workspace }) => {
  workspace.write(
    FILE,
    `import { approval, noop, pipeline } from "headrace"

pipeline({ id: "${PIPELINE}", maxActiveRuns: 5 }, ({ task }) => {
  const ask = task(
    "publish",
    approval({ title: "${QUESTION}", text: "3 % fewer orders than a week ago.", approvers: ["ann", "bob"], timeout: "2h" }),
  )
  task("tell", noop(), { upstream: ask })
})
`,
  )
  await expect
    .poll(() =>
      api
        .pipeline(PIPELINE)
        .then((one) => one.isDefined)
        .catch(() => false),
    )
    .toBe(true)
})

test("an approval is given", async ({ api, page }) => {
  const { id } = await api.post<{ id: string }>("runs", { pipelineId: PIPELINE })
  await page.goto("/")
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
  const card = page.getByRole("main").locator("section").filter({ hasText: "Waiting for approval" })
  await expect(card).toContainText(`publish of run ${id} of ${PIPELINE}`)

  // The palette leads to the question.
  await page.keyboard.press("ControlOrMeta+k")
  await page.getByRole("combobox").fill("approve")
  await page.getByRole("option", { name: new RegExp(QUESTION.replace("?", "\\?")) }).click()
  await expect(heading(page)).toHaveText(`Run ${id} waits at publish`)

  const panel = page.getByRole("complementary", { name: "Task publish" })
  await expect(panel).toContainText("3 % fewer orders than a week ago.")
  await expect(panel).toContainText(/Waits for approval by ann or bob; fails in (2 h|1 h 59 min)/)
  await page.getByRole("tab", { name: "Tasks" }).click()
  await expect(page.getByRole("row", { name: /publish/ })).toContainText("Waits for approval by ann or bob")
  await panel.getByLabel("Comment").fill("As expected after the holiday.")
  await panel.getByRole("button", { name: "Approve" }).click()
  await expect(heading(page)).toHaveText(`Run ${id} succeeded`)

  const events = await api.get<{ items: { type: string; data: object }[] }>(`runs/${id}/events`)
  expect(events.items.find((event) => event.type === "approval.approved")?.data).toMatchObject({
    comment: "As expected after the holiday.",
  })
})

test("an approval is refused where all of them are listed", async ({ api, page }) => {
  await page.goto("/approvals")
  await expect(page.getByRole("status").filter({ hasText: "Live" })).toBeVisible()
  const { id } = await api.post<{ id: string }>("runs", { pipelineId: PIPELINE })
  // It appears without anything being pressed.
  const question = page
    .getByRole("main")
    .getByRole("listitem")
    .filter({ hasText: `publish of run ${id}` })
  await expect(question).toContainText(QUESTION)
  await question.getByLabel("Comment").fill("Too few.")
  await question.getByRole("button", { name: "Reject" }).click()
  await expect(question).toBeHidden()
  await page.goto(`/runs/${id}`)
  await expect(heading(page)).toHaveText(`Run ${id} failed at publish`)
  await expect(page.getByRole("main")).toContainText("Rejected by local owner: Too few.")
})

function heading(page: Page) {
  return page.getByRole("heading", { level: 1 })
}
