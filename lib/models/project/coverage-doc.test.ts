import assert from "node:assert/strict"
import { existsSync, globSync, readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"

const ROOT = path.join(import.meta.dirname, "../../..")

test("docs/dbt-coverage.md names tests that are there, and each test file of the project's parts", () => {
  const text = readFileSync(path.join(ROOT, "docs/dbt-coverage.md"), "utf8")
  const named = [...text.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, file]) => file!)
  assert.deepEqual(
    named.filter((file) => !existsSync(path.join(ROOT, file))),
    [],
  )
  const files = globSync("lib/models/{materialize,run,selection,jinja}/*.test.ts", { cwd: ROOT })
  assert.deepEqual(
    files.filter((file) => !named.includes(file)),
    [],
    "add it to docs/dbt-coverage.md",
  )
})
