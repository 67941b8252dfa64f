import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { validateCron } from "./cron-rule.ts"

describe("validateCron", () => {
  test("accepts five or six fields, names and nicknames in a zone that exists", () => {
    assert.equal(validateCron("0 5 * * 1-5", "Europe/Berlin"), null)
    assert.equal(validateCron("@daily", "UTC"), null)
    assert.equal(validateCron("30 0 5 * JAN-MAR MON", "UTC"), null)
  })
  for (const cron of ["61 * * * *", "* * * *", "* * * * * * *", "every day", "", "0 0 30 2 *"]) {
    test(`refuses "${cron}" with advice`, () => {
      const problem = validateCron(cron, "UTC")
      assert.equal(problem?.rule, "bad_cron")
      assert.match(problem.message, /write five fields|choose a date that exists/)
    })
  }
  for (const timezone of ["Mars/Olympus", "", "+02:00"]) {
    test(`refuses the zone "${timezone}"`, () => {
      assert.equal(validateCron("0 5 * * *", timezone)?.rule, "bad_timezone")
    })
  }
})
