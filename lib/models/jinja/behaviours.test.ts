import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { describe, test } from "node:test"
import { Environment } from "./environment.ts"
import { JinjaError } from "./errors.ts"

interface Behaviour {
  area: string
  template: string
  /** What Jinja2 3.1.6 prints, or the kind of error that it ends in and what Python says then. */
  expected?: string
  error?: string
  message?: string
}

const BEHAVIOURS = readFixture("behaviours.json") as Behaviour[]
/** Random expressions, each with the text of its value in a list, or the kind of its error. fixtures/oracle.py made them. */
const EXPRESSIONS = readFixture("expressions.json") as [string, string | { error: string }][]

/** Random templates of nested statements, with what they print. */
const TEMPLATES = readFixture("templates.json") as [string, string | { error: string }][]

function readFixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}`, import.meta.url), "utf8"))
}

const environment = new Environment()

/** Where Python only complains of a type, we may say that the value is undefined. */
function isSame(actual: string | { error: string }, expected: string | { error: string }): boolean {
  if (typeof actual === "string" || typeof expected === "string") return actual === expected
  return actual.error === expected.error || (actual.error === "undefined" && expected.error === "type")
}

function outcome(template: string): string | { error: string } {
  try {
    return environment.render(template)
  } catch (error) {
    if (error instanceof JinjaError) return { error: error.kind }
    throw error
  }
}

for (const [area, behaviours = []] of Map.groupBy(BEHAVIOURS, ({ area }) => area)) {
  describe(`as Jinja2 does: ${area}`, () => {
    for (const { template, expected, error } of behaviours) {
      test(JSON.stringify(template), () => {
        assert.deepEqual(outcome(template), expected ?? { error })
      })
    }
  })
}

describe("at random", () => {
  test(`expressions have the values that Python gives them, all ${EXPRESSIONS.length} of them`, () => {
    assert.deepEqual(
      differences(EXPRESSIONS, (expression) => `{{ [${expression}] }}`),
      [],
    )
  })

  test(`nested statements print what Jinja2 prints, all ${TEMPLATES.length} of them`, () => {
    assert.deepEqual(
      differences(TEMPLATES, (template) => template),
      [],
    )
  })
})

function differences(cases: [string, string | { error: string }][], toTemplate: (source: string) => string): unknown[] {
  return cases.flatMap(([source, expected]) => {
    const actual = outcome(toTemplate(source))
    return isSame(actual, expected) ? [] : [{ source, expected, actual }]
  })
}
