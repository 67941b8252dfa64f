import assert from "node:assert/strict"
import { test } from "node:test"
import { WritesInFlight } from "./writes-in-flight.ts"

const PAGE = "/backfills/new"

function onPage(search: string): WritesInFlight {
  const writes = new WritesInFlight()
  writes.commit(PAGE, search)
  return writes
}

test("a write holds before it is committed, and builds on those before it", () => {
  const writes = onPage("a=1")
  assert.equal(writes.newest(PAGE, "a=1"), "a=1")
  writes.write(PAGE, "a=1&b=2", "")
  writes.write(PAGE, "a=1&b=2&c=3", "")
  assert.equal(writes.newest(PAGE, "a=1"), "a=1&b=2&c=3")
  assert.equal(writes.base(PAGE), "a=1&b=2&c=3")
})

test("the commit of an older write takes nothing from the newer ones", () => {
  const writes = onPage("")
  for (const search of ["a=1", "a=1&b=2", "a=1&b=2&c=3"]) writes.write(PAGE, search, "")
  writes.commit(PAGE, "a=1")
  assert.equal(writes.newest(PAGE, "a=1"), "a=1&b=2&c=3")
  assert.equal(writes.base(PAGE), "a=1&b=2&c=3")
  writes.commit(PAGE, "a=1&b=2&c=3")
  assert.equal(writes.newest(PAGE, "a=1&b=2&c=3"), "a=1&b=2&c=3")
})

test("what is switched there and back ends where it began", () => {
  const writes = onPage("")
  writes.write(PAGE, "a=1", "")
  writes.write(PAGE, "", "")
  assert.equal(writes.newest(PAGE, ""), "")
  writes.commit(PAGE, "a=1")
  assert.equal(writes.newest(PAGE, "a=1"), "")
  writes.commit(PAGE, "")
  assert.equal(writes.newest(PAGE, ""), "")
})

test("another's navigation wins over writes, on this page and on the next", () => {
  const writes = onPage("a=1")
  writes.write(PAGE, "a=2", "")
  assert.equal(writes.newest(PAGE, "tab=x"), "tab=x")
  writes.commit(PAGE, "tab=x")
  assert.equal(writes.base(PAGE), "tab=x")
  writes.write(PAGE, "tab=y", "")
  assert.equal(writes.newest("/runs", "tab=x"), "tab=x")
  assert.equal(writes.base("/runs"), null)
  writes.commit("/runs", "")
  assert.equal(writes.base("/runs"), "")
})

test("a step back forgets a write that was not committed yet", () => {
  const writes = onPage("")
  writes.write(PAGE, "run=7", "")
  writes.forget()
  assert.equal(writes.newest(PAGE, ""), "")
  assert.equal(writes.base(PAGE), null)
})

test("a write holds on a screen of which no commit was heard", () => {
  const writes = onPage("a=1")
  writes.write("/runs", "state=failed", "")
  assert.equal(writes.newest("/runs", ""), "state=failed")
  writes.forget()
  writes.write("/runs", "state=queued", "kind=manual")
  assert.equal(writes.newest("/runs", "kind=manual"), "state=queued")
})

test("a step back from a write shows what was there before it", () => {
  const writes = onPage("")
  writes.write(PAGE, "run=7", "")
  writes.commit(PAGE, "run=7")
  assert.equal(writes.newest(PAGE, ""), "")
  writes.commit(PAGE, "")
  assert.equal(writes.base(PAGE), "")
})
