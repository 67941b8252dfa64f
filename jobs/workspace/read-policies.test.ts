import assert from "node:assert/strict"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, beforeEach, test } from "node:test"
import { readPolicies } from "./read-policies.ts"

let dir = ""
beforeEach(async () => {
  if (dir) await rm(dir, { recursive: true })
  dir = await mkdtemp(path.join(os.tmpdir(), "policies-"))
})
after(() => rm(dir, { recursive: true }))

async function read(files: Record<string, string>) {
  for (const [file, text] of Object.entries(files)) {
    await mkdir(path.dirname(path.join(dir, file)), { recursive: true })
    await writeFile(path.join(dir, file), text)
  }
  const { policies, problems } = await readPolicies(dir)
  return { policies, said: problems.map(({ file, line, rule, message }) => `${file}:${line} ${rule} ${message}`) }
}

test("reads the policies of all files, each with its place", async () => {
  const { policies, said } = await read({
    "quality/sales/orders.yml": "datasets:\n  marts.orders:\n    freshness: { maxAge: { error: 1d } }\n",
    "quality/customers.yaml": "datasets:\n  marts.customers:\n    owner: Ann\n",
    "quality/notes.txt": "not one",
    "quality/empty.yml": "# nothing yet\n",
  })
  assert.deepEqual(said, [])
  assert.deepEqual(
    policies.map(({ datasetId, file, line }) => [datasetId, file, line]),
    [
      ["warehouse.marts.customers", "quality/customers.yaml", 3],
      ["warehouse.marts.orders", "quality/sales/orders.yml", 3],
    ],
  )
})

test("says of each fault where it is, and reads the other files", async () => {
  const { policies, said } = await read({
    "quality/a.yml": "datasets:\n  marts.orders:\n    freshness:\n      maxAge: { warn: soon }\n    colour: red\n",
    "quality/b.yml": "datasets:\n  orders: {}\n",
    "quality/c.yml": "datasets:\n  marts.good: {}\n",
    "quality/d.yml": "datasets: [\n",
  })
  assert.deepEqual(
    policies.map((policy) => policy.datasetId),
    ["warehouse.marts.good"],
  )
  assert.deepEqual(said.slice(0, 3), [
    'quality/a.yml:4 bad_policy datasets.marts.orders.freshness.maxAge.warn: a duration is written "90s", "5m", "1h30m" or in milliseconds',
    'quality/a.yml:3 bad_policy datasets.marts.orders: Unrecognized key: "colour"',
    "quality/b.yml:2 bad_policy datasets.orders: Invalid key in record",
  ])
  assert.match(said[3] ?? "", /^quality\/d\.yml:2 syntax /)
})

test("takes one policy a dataset", async () => {
  const text = "datasets:\n  marts.orders: {}\n"
  const { policies, said } = await read({ "quality/a.yml": text, "quality/b.yml": text })
  assert.deepEqual(
    policies.map((policy) => policy.file),
    ["quality/a.yml"],
  )
  assert.deepEqual(said, [
    "quality/b.yml:2 bad_policy warehouse.marts.orders has a policy in quality/a.yml:2; keep one of the two.",
  ])
})

test("refuses a file whose aliases stand for more and more", async () => {
  const bomb = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
  for (const [at, name] of ["b", "c", "d", "e", "f"].entries()) {
    const before = String.fromCharCode(97 + at)
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(", ")}]`)
  }
  const { policies, said } = await read({ "quality/a.yml": bomb.join("\n") })
  assert.deepEqual([policies.length, said.length], [0, 1])
})
