import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { parse } from "yaml"
import { policyFileSchema } from "#lib/contracts/quality/dataset-policy.ts"

test("the policies in docs/freshness.md are such", () => {
  const text = readFileSync(path.join(import.meta.dirname, "../../docs/freshness.md"), "utf8")
  const blocks = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml]) => yaml!)
  assert.ok(blocks.length >= 3)
  for (const yaml of blocks) {
    const { error } = policyFileSchema.safeParse(parse(yaml))
    assert.equal(error, undefined, yaml)
  }
})
