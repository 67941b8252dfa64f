import assert from "node:assert/strict"
import { describe, it } from "node:test"
import type { AppError } from "#lib/domain/errors.ts"
import { bindParameters } from "./bind-parameters.ts"

const VALUES = { a: 1, b: "two", day: "2026-01-01", é: 1 }

async function bind(source: string, types?: Record<string, string>) {
  const statements = await bindParameters(source, VALUES, { file: "x.sql", ...(types && { types }) })
  return statements.map(({ text, values }) => [text, values])
}

describe("bindParameters", () => {
  it("turns names into numbered parameters, one for each name and statement", async () => {
    assert.deepEqual(await bind("select :a, :b, :a; select :b"), [
      ["select $1, $2, $1", [1, "two"]],
      ["select $1", ["two"]],
    ])
  })

  it("leaves strings, dollar quotes, comments, quoted names, casts and assignments alone", async () => {
    const untouched = [
      "select ':a', E'\\':a', $$ :a $$, $x$ :a; $x$",
      'select 1 as ":a" /* :a; */ -- :a',
      "select '1'::int, x::text from (select 1 as x) as t",
      "select make_date(year := 2026, month := 1, day := 1)",
    ]
    for (const text of untouched) assert.deepEqual(await bind(text), [[text, []]])
  })

  it("tells an array slice from a bind by the touching colon", async () => {
    assert.deepEqual(await bind("select x[1:a], x[:a], x[b:a], x[1: :a] from t"), [
      ["select x[1:a], x[$1], x[b:a], x[1: $1] from t", [1]],
    ])
  })

  it("casts a bind after its name", async () => {
    assert.deepEqual(await bind("select :day::date"), [["select $1::date", ["2026-01-01"]]])
    assert.deepEqual(await bind("select :day - interval '1 day'", { day: "timestamptz" }), [
      ["select $1::timestamptz - interval '1 day'", ["2026-01-01"]],
    ])
  })

  it("splits at the semicolons that end statements only", async () => {
    const body = "create function f() returns int language sql begin atomic select 1; select 2; end"
    assert.deepEqual(await bind(`/* first; */ ${body};;\n-- last;\nselect ';' , :a;`), [
      [body, []],
      ["select ';' , $1", [1]],
    ])
  })

  it("counts in characters where text is not ASCII", async () => {
    assert.deepEqual(await bind("select 'é😀', :a; select '😀' || :b"), [
      ["select 'é😀', $1", [1]],
      ["select '😀' || $1", ["two"]],
    ])
  })

  it("reads control characters inside strings", async () => {
    assert.deepEqual(await bind("select '\u0001\t\v', :a"), [["select '\u0001\t\v', $1", [1]]])
  })

  it("gives nothing for a file of comments", async () => {
    assert.deepEqual(await bind("-- nothing\n;"), [])
  })

  it("maps a position in the bound text to its line in the source", async () => {
    const [first, second] = await bindParameters("select 1;\n\nselect '😀', :day\n , :b\n , nope", VALUES, {
      file: "x.sql",
      types: { day: "timestamptz" },
    })
    assert.equal(first!.line, 1)
    assert.equal(second!.line, 3)
    const position = [...second!.text].join("").indexOf("nope")
    assert.equal(second!.lineOf([...second!.text.slice(0, position)].length + 1), 5)
    assert.equal(second!.lineOf([...second!.text.slice(0, second!.text.indexOf("$2"))].length + 1), 4)
  })

  it("names the missing bind and its line", async () => {
    await assert.rejects(bind("select 1,\n  :missing"), (error: AppError) => {
      assert.equal(error.code, "sql.parameter_missing")
      assert.equal(error.where, "x.sql:2")
      assert.match(error.message, /:missing; known are a, b, day/)
      return true
    })
  })

  it("takes no value from an object's prototype", async () => {
    await assert.rejects(bind("select :constructor"), { code: "sql.parameter_missing" })
  })

  const broken: [string, string, RegExp][] = [
    ["a syntax error", "select 'é', :a;\nselec 2", /syntax error at or near "selec"/],
    ["an open string after a bind", "select :a;\nselect 'x", /unterminated quoted string/],
    ["a bind in a statement that takes none", "select 1;\ncreate view v as select :a", /not in View/],
    ["COMMIT", "select 1;\ncommit", /Take out COMMIT/],
  ]
  for (const [what, text, message] of broken) {
    it(`says in which line there is ${what}`, async () => {
      await assert.rejects(bind(text), (error: AppError) => {
        assert.equal(error.code, "sql.failed")
        assert.equal(error.where, "x.sql:2")
        assert.match(error.message, message)
        return true
      })
    })
  }

  it("allows savepoints", async () => {
    assert.equal((await bind("savepoint x; rollback to x")).length, 2)
  })
})
