import { expect, type Page } from "@playwright/test"
import { test } from "./journey-test.ts"

const UNFINISHED = `import { noop, pipeline } from "headrace"

export default pipeline({ id: "unfinished" }, ({ task }) => {
  task("only", noop(
})
`
const CYCLE = `import { noop, pipeline } from "headrace"

export default pipeline({ id: "in_a_circle" }, ({ task }) => {
  const a = task("a", noop())
  const b = task("b", noop()).after(a)
  a.after(b)
})
`
const NO_FILE = `import { pipeline, sql } from "headrace"

export default pipeline({ id: "without_sql" }, ({ task }) => {
  task("build", sql({ file: "sql/nowhere.sql" }))
})
`

test("broken pipelines are named with file and line everywhere, beside those that work", async ({
  api,
  baseURL,
  cli,
  page,
  workspace,
}) => {
  await page.goto("/pipelines")
  await expect(pipeline(page, "daily_etl")).toBeVisible()
  workspace.write("pipelines/unfinished.ts", UNFINISHED)
  workspace.write("pipelines/in_a_circle.ts", CYCLE)
  workspace.write("pipelines/without_sql.ts", NO_FILE)

  const problems = page.getByRole("region", { name: "Workspace problems" })
  await expect(problems.getByRole("heading")).toContainText("3 problems in the workspace")
  await expect(problem(page, /pipelines\/unfinished\.ts:[45]/)).toBeVisible()
  await expect(problem(page, /pipelines\/in_a_circle\.ts:\d/)).toContainText(/a → b → a|b → a → b/)
  await expect(problem(page, /pipelines\/without_sql\.ts:4/)).toContainText("sql/nowhere.sql")
  for (const id of ["daily_etl", "data_backfill", "shop_simulator"]) await expect(pipeline(page, id)).toBeVisible()
  await page.goto("/system")
  await expect(problems.getByRole("listitem")).toHaveCount(3)

  expect((await api.problems()).map(({ file, rule }) => [file, rule]).sort()).toEqual([
    ["pipelines/in_a_circle.ts", "cycle"],
    ["pipelines/unfinished.ts", "syntax"],
    ["pipelines/without_sql.ts", "missing_file"],
  ])
  const refused = await fetch(new URL("/api/v1/runs", baseURL), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ pipelineId: "in_a_circle" }),
  })
  expect(refused.headers.get("content-type")).toContain("application/problem+json")
  expect(refused.status).toBe(404)
  expect(await refused.json()).toMatchObject({ status: 404, code: "pipeline.not_found" })

  const validated = await cli("validate")
  expect(validated.code).toBe(1)
  for (const { file, line, message } of await api.problems()) {
    expect(validated.stdout).toContain(`${file}:${line}`)
    expect(validated.stdout).toContain(message)
  }
  expect(validated.stdout).toContain("3 pipelines fine, 3 errors")

  workspace.remove("pipelines/unfinished.ts")
  workspace.replace("pipelines/in_a_circle.ts", "  a.after(b)\n", "")
  await expect(problems.getByRole("listitem")).toHaveCount(1)
  await expect(problems).toContainText("without_sql.ts")
  workspace.write("sql/nowhere.sql", "select 1\n")
  await expect(page.getByText("The workspace loads without a problem.")).toBeVisible()
  expect((await cli("validate")).code).toBe(0)
})

test("a column that vanished from the source stops the load with one clear error, and nothing is half-written", async ({
  api,
  cli,
  page,
  shop,
  warehouse,
}) => {
  await api.quiet("daily_etl")
  const rows = "select count(*), md5(string_agg(products::text, '' order by products::text)) from raw.products"
  const before = await warehouse.query(rows)
  await shop.breakBy(
    "update public.products set updated_at = now() where product_id <= 10; alter table public.products rename column sku to sku_gone",
    "alter table public.products rename column sku_gone to sku",
  )
  const waited = await cli("run", "daily_etl", "--wait")
  expect(waited.code).toBe(1)
  expect(waited.stdout + waited.stderr).toContain("extract_products")
  expect(waited.stdout + waited.stderr).toMatch(/column.*sku/)

  const [run] = await api.runs("pipelineId=daily_etl&limit=1")
  const failed = (await api.run(run?.id ?? "")).taskRuns.find(({ taskId }) => taskId === "extract_products")
  expect(failed?.attempts).toHaveLength(1)
  expect(failed?.attempts[0]?.failure).toMatchObject({ code: "source.column_missing", retry: "never" })
  await page.goto(`/runs/${run?.id}`)
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Run ${run?.id} failed at extract_products`)
  await expect(page.getByRole("complementary", { name: "Task extract_products" })).toContainText(
    failed?.attempts[0]?.failure?.message ?? "",
  )
  expect(await warehouse.query(rows), "raw.products is what it was").toEqual(before)
})

function pipeline(page: Page, id: string) {
  return page.getByRole("table", { name: "Pipelines" }).getByRole("link", { name: id, exact: true })
}

function problem(page: Page, place: RegExp) {
  return page.getByRole("region", { name: "Workspace problems" }).getByRole("listitem").filter({ hasText: place })
}
