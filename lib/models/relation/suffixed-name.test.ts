import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { suffixedName } from "./suffixed-name.ts"

describe("suffixedName", () => {
  it("puts the suffix behind a name that leaves it room", () => {
    assert.equal(suffixedName("orders", "__dbt_tmp"), "orders__dbt_tmp")
    assert.equal(suffixedName("x".repeat(54), "__dbt_tmp"), `${"x".repeat(54)}__dbt_tmp`)
  })

  it("keeps long names apart that begin alike", () => {
    const names = ["a", "b"].map((end) => suffixedName("x".repeat(62) + end, "__dbt_tmp"))
    assert.notEqual(names[0], names[1])
    for (const name of names) assert.match(name, /^x{45}_[0-9a-f]{8}__dbt_tmp$/)
  })

  it("counts bytes, and cuts no letter in two", () => {
    const name = suffixedName("ö".repeat(31), "__dbt_tmp")
    assert.match(name, /^ö{22}_[0-9a-f]{8}__dbt_tmp$/)
    assert.ok(Buffer.byteLength(name) <= 63)
  })
})
