import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { injectCtes } from "./inject-ctes.ts"

describe("injectCtes", () => {
  const ctes = [{ name: "__dbt__cte__a", sql: "select 1 as x" }]
  const a = "__dbt__cte__a as (\nselect 1 as x\n)"

  it("begins a with before a plain query", () => {
    assert.equal(injectCtes("select * from __dbt__cte__a", ctes), `with ${a}\nselect * from __dbt__cte__a`)
  })

  it("goes before the CTEs that are there", () => {
    assert.equal(injectCtes("with b as (select 2) select 1", ctes), `with ${a}, b as (select 2) select 1`)
  })

  it("keeps recursive where it is", () => {
    assert.equal(
      injectCtes("WITH RECURSIVE b as (select 2) select 1", ctes),
      `WITH RECURSIVE ${a}, b as (select 2) select 1`,
    )
  })

  it("passes over comments that come first", () => {
    const sql = "-- with care\n/* with */ with b as (select 2) select 1"
    assert.equal(injectCtes(sql, ctes), `-- with care\n/* with */ with ${a}, b as (select 2) select 1`)
  })

  it("takes a name that begins with with for a name", () => {
    assert.equal(injectCtes("within", ctes), `with ${a}\nwithin`)
  })
})
