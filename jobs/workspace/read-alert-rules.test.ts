import assert from "node:assert/strict"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, test } from "node:test"
import { readAlertRules } from "./read-alert-rules.ts"

let root: string
before(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), "headrace-alerts-"))
})
after(() => rm(root, { recursive: true, force: true }))

async function read(text: string) {
  await writeFile(path.join(root, "alerts.yml"), text)
  const { alertRules, problems } = await readAlertRules(root)
  return {
    ids: alertRules.map(({ id, line }) => `${id}:${line}`),
    faults: problems.map((one) => `${one.line} ${one.message}`),
  }
}

test("no file, no rules", async () => {
  assert.deepEqual(await readAlertRules(path.join(root, "nowhere")), { alertRules: [], problems: [] })
  assert.deepEqual(await read(""), { ids: [], faults: [] })
})

test("reads rules with their lines, and what is left out", async () => {
  const found = await read(`rules:
  - id: finance-late
    name: Finance is late
    condition: { kind: freshness_breach, level: warn }
    severity: critical
    match: { tags: [finance] }
    runbook: docs/runbooks/finance.md
  - id: many-nulls
    name: Many nulls
    condition: { kind: metric, metric: null_share, column: tier, operator: ">", value: 0.1 }
    forSeconds: 600
`)
  assert.deepEqual(found, { ids: ["finance-late:2", "many-nulls:8"], faults: [] })
})

test("names every fault with its line, and then takes none of the file", async () => {
  assert.deepEqual(
    await read(`rules:
  - id: finance-late
    name: Finance is late
    condition: { kind: freshness_breach, level: often }
  - id: other
    name: Other
    condition: { kind: deadline_missed }
    colour: red
`),
    {
      ids: [],
      faults: [
        '4 rules.0.condition.level: Invalid option: expected one of "warn"|"error"',
        '5 rules.1: Unrecognized key: "colour"',
      ],
    },
  )
  assert.match((await read("rules: [")).faults[0]!, /^1 |^2 /)
})

test("refuses ids that are taken", async () => {
  const rule = (id: string) => `  - { id: ${id}, name: R, condition: { kind: deadline_missed } }\n`
  assert.deepEqual((await read(`rules:\n${rule("a")}${rule("a")}${rule("worker-lost")}`)).faults, [
    "3 a stands in line 2 already.",
    "4 worker-lost is the id of a built-in rule; take another.",
  ])
})
