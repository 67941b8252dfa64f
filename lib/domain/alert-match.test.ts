import assert from "node:assert/strict"
import { test } from "node:test"
import { MATCH_ALL, matchesIncident, matchesSubject } from "./alert-match.ts"

const subject = { pipelineId: "daily_etl", datasetId: null, owner: "Data platform", tags: ["finance", "core"] }

test("an empty match takes everything", () => {
  assert.equal(matchesSubject(MATCH_ALL, subject), true)
})

test("every list that is given must fit", () => {
  assert.equal(matchesSubject({ ...MATCH_ALL, pipelines: ["daily_etl"], tags: ["finance"] }, subject), true)
  assert.equal(matchesSubject({ ...MATCH_ALL, pipelines: ["daily_etl"], tags: ["sales"] }, subject), false)
  assert.equal(matchesSubject({ ...MATCH_ALL, datasets: ["*"] }, subject), false)
})

test("a star stands for any characters", () => {
  const fits = (pattern: string) => matchesSubject({ ...MATCH_ALL, pipelines: [pattern] }, subject)
  for (const pattern of ["*", "daily_*", "*_etl", "d*y*l", "daily_etl*"]) assert.equal(fits(pattern), true, pattern)
  for (const pattern of ["daily", "daily_etl_*x", "*daily_etl_daily_etl*", "etl*", "d.*", "daily_etl*l"]) {
    assert.equal(fits(pattern), false, pattern)
  }
})

test("incidents are matched by kind and severity too", () => {
  const match = { ...MATCH_ALL, kinds: ["freshness_breach"], severities: ["critical" as const] }
  assert.equal(matchesIncident(match, { ...subject, kind: "freshness_breach", severity: "critical" }), true)
  assert.equal(matchesIncident(match, { ...subject, kind: "freshness_breach", severity: "warning" }), false)
  assert.equal(matchesIncident(match, { ...subject, kind: "pipeline_failure", severity: "critical" }), false)
})
