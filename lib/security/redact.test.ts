import assert from "node:assert/strict"
import { test } from "node:test"
import { createRedactor, secretsOfUrl } from "./redact.ts"

test("takes secrets out wherever they stand, also URL-encoded", () => {
  const redact = createRedactor(["p@ss/word", "p@ss/word-longer"])
  assert.equal(redact("a p@ss/word b p%40ss%2Fword c p@ss/word-longer"), "a *** b *** c ***")
})

test("takes out the password of any URL, known or not", () => {
  assert.equal(
    createRedactor([])("cannot reach postgresql://bob:hunter2@db:5432/shop"),
    "cannot reach postgresql://bob:***@db:5432/shop",
  )
})

test("leaves short words alone", () => {
  assert.equal(createRedactor(["app"])("the app started"), "the app started")
})

test("knows a webhook's path as its secret", () => {
  assert.deepEqual(secretsOfUrl("https://hooks.example.com/services/T0/B0/abc"), ["/services/T0/B0/abc"])
  assert.deepEqual(secretsOfUrl("postgresql://u:s%40cret@h/db"), ["s@cret"])
  assert.deepEqual(secretsOfUrl("console:"), [])
})
