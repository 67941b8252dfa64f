import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { nameSubqueries, narrowedRelation } from "./narrowed-relation.ts"

const relation = narrowedRelation('"s"."orders"', "orders", "at > 1")
const SUBQUERY = '(select * from "s"."orders" where at > 1) '

describe("nameSubqueries", () => {
  for (const [query, expected] of [
    ["select * from @", 'select * from @as "orders"'],
    ["select * from @ where orders.id = 1", 'select * from @as "orders" where orders.id = 1'],
    ["select * from @\nleft join b on true", 'select * from @as "orders"\nleft join b on true'],
    ["select (select 1 from @), 2", 'select (select 1 from @as "orders"), 2'],
    ["select * from @ o where o.id", "select * from @ o where o.id"],
    ["select * from @ as o", "select * from @ as o"],
    ['select * from @ "o"', 'select * from @ "o"'],
    ["select * from @, @ x", 'select * from @as "orders", @ x'],
    ["select * from @ ORDER BY 1", 'select * from @as "orders" ORDER BY 1'],
    ["select * from @ ordered", "select * from @ ordered"],
    ["select * from @ -- o", 'select * from @as "orders" -- o'],
  ]) {
    it(`makes of ${query!.replaceAll("\n", " ")}: ${expected!.replaceAll("\n", " ")}`, () => {
      assert.equal(nameSubqueries(query!.replaceAll("@", relation)), expected!.replaceAll("@", SUBQUERY))
    })
  }

  it("keeps names in any letters", () => {
    assert.match(nameSubqueries(narrowedRelation("x", 'a*/"ü', "false")), /where false limit 0\) as "a\*\/""ü"$/)
  })
})
