import assert from "node:assert/strict"
import { test } from "node:test"
import { isSensitiveTag } from "./sensitive-tags.ts"

test("pii and sensitive are followed in any finer form, and words that only begin alike are not", () => {
  const tags = ["pii", "PII", "pii.contact", "pii:email", "pii_name", "sensitive", "sensitive-health"]
  assert.deepEqual(
    tags.filter((tag) => !isSensitiveTag(tag)),
    [],
  )
  assert.deepEqual(["piiano", "pipeline", "key", "insensitive", ""].filter(isSensitiveTag), [])
})
