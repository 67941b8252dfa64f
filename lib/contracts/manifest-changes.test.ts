import assert from "node:assert/strict"
import { test } from "node:test"
import { makeManifest } from "#test/factories.ts"
import { manifestChanges } from "./manifest-changes.ts"

const manifest = (values: Parameters<typeof makeManifest>[0]) => makeManifest({ id: "p", ...values })
const words = (changes: ReturnType<typeof manifestChanges>) =>
  changes.tasks.map((task) => `${task.change} ${task.taskId}`)

test("names tasks that came, went and changed, in the newer order", () => {
  const before = manifest({ tasks: [{ id: "gone" }, { id: "same" }, { id: "slower", timeoutMs: 1_000 }] })
  const after = manifest({ tasks: [{ id: "slower", timeoutMs: 2_000 }, { id: "new" }, { id: "same" }] })
  const changes = manifestChanges(before, after)
  assert.deepEqual(words(changes), ["changed slower", "added new", "removed gone"])
  assert.deepEqual(changes.tasks[0]?.fields, [{ field: "timeout ms", before: "1000", after: "2000" }])
})

test("says which part of a setting changed", () => {
  const task = { id: "a", retry: { retries: 1, delayMs: 10, backoffFactor: 1, maxDelayMs: 0 } }
  const before = manifest({ tasks: [task], schedule: { cron: "0 5 * * *", timezone: "UTC" } })
  const after = manifest({
    tasks: [{ ...task, retry: { ...task.retry, retries: 3 }, upstream: ["b"], operator: "sql" }],
    schedule: { cron: "0 6 * * *", timezone: "UTC" },
    owner: "Data platform",
  })
  const changes = manifestChanges(before, after)
  assert.deepEqual(changes.settings, [
    { field: "owner", before: "", after: "Data platform" },
    { field: "schedule cron", before: "0 5 * * *", after: "0 6 * * *" },
  ])
  assert.deepEqual(changes.tasks[0]?.fields, [
    { field: "operator", before: "noop", after: "sql" },
    { field: "upstream", before: "", after: "b" },
    { field: "retry retries", before: "1", after: "3" },
  ])
})

test("does not take another order or another line for a change", () => {
  const before = manifest({ tasks: [{ id: "a", upstream: ["x", "y"], options: { b: 1, a: { d: 1, c: 2 } } }] })
  const after = manifest({
    tasks: [
      {
        id: "a",
        upstream: ["y", "x"],
        options: { a: { c: 2, d: 1 }, b: 1 },
        source: { file: "pipelines/p.ts", line: 9 },
      },
    ],
  })
  assert.deepEqual(manifestChanges(before, after), { settings: [], tasks: [] })
})

test("counts a task as changed when the file it executes did", () => {
  const one = manifest({
    tasks: [
      { id: "a", options: { file: "sql/a.sql" } },
      { id: "b", options: { file: "sql/b.sql" } },
    ],
  })
  const changes = manifestChanges(one, one, new Set(["sql/a.sql"]))
  assert.deepEqual(words(changes), ["changed a"])
  assert.deepEqual(changes.tasks[0]?.files, ["sql/a.sql"])
})
