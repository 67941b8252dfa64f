import assert from "node:assert/strict"
import { test } from "node:test"
import { contractText, judgeContract } from "./judge-contract.ts"

const ACTUAL = [
  { name: "id", type: "bigint" },
  { name: "total", type: "numeric(12,2)" },
  { name: "at", type: "timestamp with time zone" },
]

test("a type is kept by whichever of its names, and by any numbers where none are promised", () => {
  const promised = [
    { name: "id", type: "int8" },
    { name: "total", type: "DECIMAL" },
    { name: "at", type: "timestamptz" },
  ]
  assert.deepEqual(
    judgeContract(promised, ACTUAL, false).map(({ verdict }) => verdict),
    ["kept", "kept", "kept"],
  )
  const [line] = judgeContract([{ name: "total", type: "numeric(10, 2)" }], ACTUAL, true)
  assert.equal(line?.verdict, "wrong_type")
})

test("says line by line what is missing, wrong or not promised", () => {
  const lines = judgeContract([{ name: "id", type: "uuid" }, { name: "customer" }, { name: "at" }], ACTUAL, true)
  assert.deepEqual(
    lines.map(({ column, verdict, isBroken }) => [column, verdict, isBroken]),
    [
      ["id", "wrong_type", true],
      ["customer", "missing", true],
      ["at", "kept", false],
      ["total", "extra", false],
    ],
  )
  assert.equal(contractText(lines), "id is bigint, not uuid, customer is missing.")
  assert.equal(
    contractText(judgeContract([{ name: "id" }, { name: "at" }], ACTUAL, false)),
    "total is not in the contract.",
  )
  assert.equal(contractText(judgeContract([{ name: "id" }], ACTUAL, true)), null)
})
