import assert from "node:assert/strict"
import { test } from "node:test"
import { addVisit, type Visit } from "./visits.ts"

const visit = (href: string): Visit => ({ href, label: href })

test("puts a visit first and keeps each address once", () => {
  const visits = addVisit(addVisit([visit("/runs/1")], visit("/runs/2")), visit("/runs/1"))
  assert.deepEqual(
    visits.map((one) => one.href),
    ["/runs/1", "/runs/2"],
  )
})

test("keeps eight", () => {
  let visits: Visit[] = []
  for (let id = 0; id < 20; id++) visits = addVisit(visits, visit(`/runs/${id}`))
  assert.equal(visits.length, 8)
  assert.equal(visits[0]?.href, "/runs/19")
})
