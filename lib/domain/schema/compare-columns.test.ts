import assert from "node:assert/strict"
import { test } from "node:test"
import { changeText, compareColumns } from "./compare-columns.ts"

const columns = (text: string) =>
  text.split(", ").map((each) => {
    const [name, ...type] = each.split(" ")
    return { name: name!, type: type.join(" ") }
  })

/** What changed, with `!` for what breaks. */
const changed = (before: string, after: string) =>
  compareColumns(columns(before), columns(after)).map((each) => `${each.isBreaking ? "!" : ""}${changeText(each)}`)

test("equal columns are no change", () => {
  assert.deepEqual(changed("id bigint, at date", "id bigint, at date"), [])
})

test("a new column breaks nobody, one that is gone does", () => {
  assert.deepEqual(changed("id bigint, at date", "id bigint, at date, note text"), ["note is new (text)"])
  assert.deepEqual(changed("id bigint, at date", "id bigint"), ["!at is gone (date)"])
  assert.deepEqual(changed("a text, b date", "b date, c text, d text"), [
    "!a is gone (text)",
    "c is new (text)",
    "d is new (text)",
  ])
})

test("one of the same type in the same place is the same one renamed", () => {
  assert.deepEqual(changed("id bigint, at date", "id bigint, day date"), ["!at is day now"])
  assert.deepEqual(changed("id bigint, at date", "id bigint, day text"), ["!at is gone (date)", "day is new (text)"])
})

test("a type that takes all values of the one before breaks nobody", () => {
  const isBreaking = (from: string, to: string) =>
    compareColumns([{ name: "a", type: from }], [{ name: "a", type: to }])[0]?.isBreaking
  for (const [from, to] of [
    ["integer", "bigint"],
    ["smallint", "numeric"],
    ["character varying(10)", "character varying(20)"],
    ["character varying(10)", "text"],
    ["numeric(10,2)", "numeric(12,2)"],
    ["numeric(10,2)", "numeric(12,4)"],
    ["numeric(10,2)", "numeric"],
    ["real", "double precision"],
  ] as const) {
    assert.equal(isBreaking(from, to), false, `${from} to ${to}`)
  }
  for (const [from, to] of [
    ["bigint", "integer"],
    ["integer", "text"],
    ["text", "character varying(10)"],
    ["numeric(10,2)", "numeric(10,4)"],
    ["numeric(10,4)", "numeric(12,2)"],
    ["integer", "integer[]"],
    ["date", "timestamp with time zone"],
    ["integer", "numeric(4,2)"],
  ] as const) {
    assert.equal(isBreaking(from, to), true, `${from} to ${to}`)
  }
})

test("another order alone is told, and breaks nobody", () => {
  assert.deepEqual(changed("a text, b date, c text", "b date, a text, c text"), [
    "b is number 1 now",
    "a is number 2 now",
  ])
})
