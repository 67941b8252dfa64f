import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import { describeExpectations } from "./describe.ts"
import { rowOptions, sharedOptions } from "./entry.ts"
import { readExpectation } from "./read-expectation.ts"
import { EXPECTATION_NAMES, EXPECTATION_TYPES } from "./registry.ts"

const page = readFileSync(new URL("../../../docs/expectations.md", import.meta.url), "utf8")

test("docs/expectations.md has a row for each kind, with its short name, options and meaning", () => {
  const rows = page.match(/^\| `(expect_|unexpected_).*$/gm) ?? []
  assert.deepEqual(
    rows,
    describeExpectations().map(({ type, aliases, dimension, doc, options }) => {
      const own = options
        .filter(({ isShared }) => !isShared)
        .map(
          (one) =>
            `\`${one.name}\`${one.isRequired ? "" : one.default === null ? "?" : ` = ${JSON.stringify(one.default)}`}`,
        )
      return `| \`${type}\` | ${aliases.map((alias) => `\`${alias}\``).join(", ")} | ${own.join(", ")} | ${dimension} | ${doc.replaceAll("|", "\\|")} |`
    }),
  )
})

test("docs/expectations.md names the options that all share", () => {
  for (const option of Object.keys({ ...sharedOptions, ...rowOptions }))
    assert.ok(page.includes(`\`${option}\``), option)
})

test("every kind has an example that it reads, a sentence and a paragraph", () => {
  for (const { type, example, sentence, doc } of describeExpectations()) {
    assert.ok("expectation" in readExpectation({ type, ...example }), type)
    assert.ok(sentence.length > 3 && !sentence.includes("undefined"), `${type}: ${sentence}`)
    assert.ok(doc.length > 30 && doc.endsWith("."), type)
  }
})

test("no two kinds share a name", () => {
  assert.equal(new Set(EXPECTATION_NAMES).size, EXPECTATION_NAMES.length)
  assert.ok(EXPECTATION_TYPES.length >= 55, `${EXPECTATION_TYPES.length}`)
})

test("reading what was read gives the same", () => {
  for (const { type, example } of describeExpectations()) {
    const once = readExpectation({ type, ...example })
    assert.ok("expectation" in once)
    assert.deepEqual(readExpectation(JSON.parse(JSON.stringify(once.expectation))), once, type)
  }
})

test("reads the same expectation in all ways of writing it", () => {
  const written = [
    { not_null: "email", mostly: 0.9 },
    { not_null: { column: "email", mostly: 0.9 } },
    { kind: "not_null", column: "email", tolerance: 0.1 },
    { type: "expect_column_values_to_not_be_null", column: "email", mostly: 0.9 },
    { type: "ExpectColumnValuesToNotBeNull", kwargs: { column: "email", mostly: 0.9 } },
    { expectation_type: "expect_column_values_to_not_be_null", kwargs: { column: "email", mostly: 0.9 }, meta: {} },
  ]
  const [first, ...others] = written.map(readExpectation)
  for (const other of others) assert.deepEqual(other, first)
})

test("refuses what it does not understand, with the place and what was probably meant", () => {
  const refused: [unknown, string][] = [
    ["not_null", "an expectation is a map"],
    [{ nut_null: "a" }, 'there is no expectation "nut_null"; did you mean "not_null"?'],
    [{ not_null: "a", unique: "b" }, "give one expectation an entry"],
    [{ not_null: "a\0" }, "a column is named by 1 to 63 bytes"],
    [{ between: { column: "a", min: 5, max: 1 } }, "min_value is above max_value"],
    [{ between: { column: "a" } }, "give min_value, max_value or both"],
    [{ reconcile: { aggregate: "sum", other_table: "a.b" } }, "sum needs a column"],
    [{ relationships: { column: "a", other_table: "b; drop table c", other_column: "d" } }, "a table is named"],
    [{ accepted_values: { column: "a", values: [] } }, "Too small"],
    [{ not_null: "a", mostly: 2 }, "Too big"],
  ]
  for (const [written, message] of refused) {
    const read = readExpectation(written)
    assert.ok(
      "issues" in read && read.issues[0]!.message.startsWith(message),
      `${JSON.stringify(written)}: ${JSON.stringify(read)}`,
    )
  }
})
