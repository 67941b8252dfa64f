import assert from "node:assert/strict"
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { test } from "node:test"
import { loadWorkspace } from "./load-workspace.ts"

const page = path.resolve(import.meta.dirname, "../../docs/operators.md")

test("each example of docs/operators.md is a pipeline that loads without a problem", async () => {
  const examples = [...(await readFile(page, "utf8")).matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text]) => text!)
  const dir = await mkdtemp(path.join(os.tmpdir(), "headrace-docs-"))
  await mkdir(path.join(dir, "pipelines"))
  const pipelines = examples.map((text, n) => `pipeline({ id: "example_${n}" }, ({ task, dbt, run }) => {\n${text}})\n`)
  const names =
    "branch, checks, extract, fn, http, loadCsv, noop, notify, partitionLoad, pipeline, shell, shortCircuit, sql"
  const waits = "approval, fnSensor, httpSensor, runPipeline, sqlSensor, waitForCallback, waitForDataset, waitUntil"
  const checks = "between, notNull, rowCount, unique"
  const imports = `import { ${names}, ${waits}, ${checks} } from "headrace"\n`
  await writeFile(path.join(dir, "pipelines/examples.ts"), imports + pipelines.join(""))
  for (const [, file] of examples.join("").matchAll(/\bfile: "([^"]+)"/g)) {
    await mkdir(path.dirname(path.join(dir, file!)), { recursive: true })
    await writeFile(path.join(dir, file!), "select 1")
  }
  await mkdir(path.join(dir, "dbt/models"), { recursive: true })
  await writeFile(path.join(dir, "dbt/dbt_project.yml"), "name: shop\n")
  await writeFile(path.join(dir, "dbt/models/orders.sql"), "select 1 as id")
  const loaded = await loadWorkspace(dir, { connections: ["shop"] })
  await rm(dir, { recursive: true })
  assert.deepEqual(loaded.problems, [])
  assert.equal(loaded.pipelines.length, 21)
})
