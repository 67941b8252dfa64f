import assert from "node:assert/strict"
import { test } from "node:test"
import { findViolations, type Import } from "./import-rules.ts"

const imports = (from: string, to: string, isType = false): Import => ({ from, to, line: 1, isType })
const isForbidden = (from: string, to: string) => findViolations([imports(from, to, true)]).length === 1

test("the domain imports neither the store, nor Node, nor a package that does I/O", () => {
  assert.ok(isForbidden("lib/domain/dag.ts", "lib/store/store.ts"))
  assert.ok(isForbidden("lib/domain/dag.ts", "node:fs"))
  assert.ok(isForbidden("lib/domain/dag.ts", "npm:pg"))
  assert.ok(!isForbidden("lib/domain/dag.ts", "npm:zod"))
  assert.ok(!isForbidden("lib/domain/dag.ts", "lib/domain/ids.ts"))
})

test("primitives know no domain words, and other components may use them", () => {
  assert.ok(isForbidden("components/ui/button.tsx", "lib/domain/run-state.ts"))
  assert.ok(isForbidden("components/ui/button.tsx", "components/runs/run-row.tsx"))
  assert.ok(!isForbidden("components/runs/run-row.tsx", "components/ui/button.tsx"))
})

test("pages reach the server through one door", () => {
  assert.ok(isForbidden("app/(console)/page.tsx", "lib/server/container.ts"))
  assert.ok(!isForbidden("app/server.ts", "lib/server/container.ts"))
  assert.ok(!isForbidden("app/(console)/page.tsx", "app/server.ts"))
})

test("nobody builds on pages, jobs or the author's workspace", () => {
  for (const closed of ["app/server.ts", "jobs/worker.ts", "workspace/pipelines/daily_etl.ts"]) {
    assert.ok(isForbidden("lib/server/container.ts", closed), closed)
    assert.ok(isForbidden("prisma.config.ts", closed), closed)
  }
})

test("code does not build on tests, and tests may import everything", () => {
  assert.ok(isForbidden("lib/server/container.ts", "test/db.ts"))
  assert.ok(!isForbidden("lib/domain/dag.test.ts", "test/db.ts"))
  assert.ok(!isForbidden("test/db.ts", "scripts/embedded-postgres.ts"))
})

test("a circle is found unless a type closes it", () => {
  const way = [imports("lib/domain/a.ts", "lib/domain/b.ts"), imports("lib/domain/b.ts", "lib/domain/c.ts")]
  const [circle] = findViolations([...way, imports("lib/domain/c.ts", "lib/domain/a.ts")])
  assert.match(circle?.message ?? "", /a\.ts → lib\/domain\/b\.ts → lib\/domain\/c\.ts → lib\/domain\/a\.ts/)
  assert.deepEqual(findViolations([...way, imports("lib/domain/c.ts", "lib/domain/a.ts", true)]), [])
})

test("screens load no schemas, not even through a file that only has some as well", () => {
  const values = "components/runs/run-row.tsx"
  const through = [imports("lib/contracts/api/runs.ts", "npm:zod"), imports("lib/domain/wait.ts", "lib/domain/ids.ts")]
  const found = (from: string, to: string, isType = false) => findViolations([imports(from, to, isType), ...through])
  assert.match(found(values, "lib/contracts/api/runs.ts")[0]?.message ?? "", /loads zod/)
  assert.match(found(values, "npm:zod")[0]?.message ?? "", /loads zod/)
  assert.deepEqual(found(values, "lib/contracts/api/runs.ts", true), [])
  assert.deepEqual(found(values, "lib/domain/wait.ts"), [])
  assert.deepEqual(found("lib/server/container.ts", "lib/contracts/api/runs.ts"), [])
})
