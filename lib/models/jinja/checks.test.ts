import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, test } from "node:test"
import { Environment } from "./environment.ts"

interface Check {
  name: string
  template: string
  expected: string
}

/** What Jinja2 3.1.6 prints for each. */
const CHECKS = JSON.parse(readFileSync(new URL("./fixtures/checks.json", import.meta.url), "utf8")) as Check[]

describe("a template prints what it prints in Jinja2", () => {
  const environment = new Environment()
  for (const { name, template, expected } of CHECKS) {
    test(name, () => assert.equal(environment.render(template), expected))
  }
})
