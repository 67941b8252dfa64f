import assert from "node:assert/strict"
import { test } from "node:test"
import { readPlainYaml } from "./read-plain-yaml.ts"
import { readAnyYaml, type Yaml } from "./read-yaml.ts"

/** Reads by both ways; undefined where the subset does not cover it. */
function read(text: string): Yaml | undefined {
  const plain = readPlainYaml(text)
  if (plain !== undefined) assert.deepEqual(plain, readAnyYaml(text, "a.yml"), text)
  return plain
}

test("reads what properties files are made of", () => {
  const text = `
version: 2  # note
models:
  - name: a
    description: >
      One line
      and the same.

      Next.
    meta: {owner: "Ann, Bob", 'since': 2020, list: [1, two, 'three', "four"], none: , on: x}
    columns:
    - name: id
      tests: [unique, not_null]
    -   name: other
        description: |-
          # not a note
          - nor a list
            deeper
  -
    name: "b: c"
empty:
quoted: 'it''s'
"key: x": - 1
time: 12:30
negative: -1
`
  assert.equal(read(text), undefined, "a key that is a boolean is left to the library")
  const value = read(text.replace(", on: x", "").replace(": - 1", ": 1")) as { models: { description: string }[] }
  assert.equal(value.models[0]?.description, "One line and the same.\nNext.\n")
})

test("gives a text block no line end where the file has none, as PyYAML does", () => {
  assert.deepEqual(readPlainYaml("a: |\n  x"), { a: "x" })
  assert.deepEqual(readPlainYaml("a: >\n  x\n"), { a: "x\n" })
})

test("leaves all else to the library", () => {
  for (const text of [
    "a: &x 1\nb: *x",
    "a: !!str 1",
    'a: "\\n"',
    "a: one\n  two",
    "a: [1,\n  2]",
    "a: b: c",
    "a:\n    b: 1\n   c: 2",
    "a: |2\n  x",
    "a: |+\n  x\n\n",
    "a:\t1",
    "<<: 1",
    "a: 'x",
    "? a",
    "- a\nb: 1",
    "a: @b",
    "__proto__: 1",
    "a: {__proto__: 1}",
    "a: [b: 1]",
    "just text",
    "--- a\n--- b",
    "a: [1] x",
  ]) {
    assert.equal(readPlainYaml(text), undefined, text)
  }
})

test("agrees with the library on ten thousand made-up files", () => {
  let seed = 7
  const next = (below: number): number => {
    // Mulberry32, so that every run sees the same files.
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  const pieces = [
    "a:",
    "b: 1",
    "- ",
    "- x",
    "- c: yes",
    "'q'",
    '"d": ',
    "[1, x]",
    "{a: b}",
    "# n",
    "|",
    ">-",
    "text",
    "x # y",
    "",
    "1.0",
    "~",
    "k: 'v'",
    "- - 1",
    ":",
    "- a:",
  ]
  let read_ = 0
  for (let file = 0; file < 10_000; file++) {
    const lines = Array.from(
      { length: 1 + next(7) },
      () =>
        " ".repeat(next(3) * 2) +
        pieces[next(pieces.length)] +
        (next(4) === 0 ? ` ${pieces[next(pieces.length)]}` : ""),
    )
    const text = lines.join("\n") + (next(2) === 0 ? "\n" : "")
    const plain = readPlainYaml(text)
    if (plain === undefined) continue
    read_++
    assert.deepEqual(plain, readAnyYaml(text, "a.yml"), text)
  }
  assert.ok(read_ > 500, `only ${read_} files were of the subset`)
})
