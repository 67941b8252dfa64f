import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Environment } from "./environment.ts"
import { describeError, JinjaError } from "./errors.ts"
import { hostFunction, type Value } from "./values.ts"

function failureOf(run: () => unknown): JinjaError {
  try {
    run()
  } catch (error) {
    assert.ok(error instanceof JinjaError, String(error))
    return error
  }
  assert.fail("this should have failed")
}

const environment = new Environment()
const failure = (source: string, globals: Record<string, Value> = {}) =>
  failureOf(() => environment.compile(source, { file: "a.sql" }).render(environment.context(globals)))

describe("the place of an error", () => {
  test("is the tag or operator at which the parser stopped", () => {
    const error = failure("select 1\n  {{ 1 + }}")
    assert.deepEqual([error.kind, error.file, error.line, error.column], ["syntax", "a.sql", 2, 10])
  })

  test("is the tag that nobody closed", () => {
    const error = failure("a\n{% if true %}\nb\n{% for x in y %}\n{% endfor %}")
    assert.equal(error.message, "Unexpected end of template: 'if' is never closed by 'elif' or 'else' or 'endif'.")
    assert.deepEqual([error.line, error.column], [2, 4])
  })

  test("is the call within a tag of many lines", () => {
    const error = failure("{{ dict(\n  a = 1,\n  b = missing.attribute\n) }}")
    assert.deepEqual([error.kind, error.message, error.line], ["undefined", "'missing' is undefined", 3])
  })

  test("counts lines alike, whatever ends them", () => {
    assert.equal(failure("a\r\nb\r\n{{ 1 + none }}").line, 3)
    assert.equal(failure("a\rb\r{{ 1 + none }}").line, 3)
  })

  test("counts the lines of strings, comments and raw blocks", () => {
    assert.equal(failure("{{ 'a\nb' }}{# \n #}{% raw %}\n{% endraw %}{{- 1 + none }}").line, 4)
  })

  test("is that of the file for a macro that was cut out of it", () => {
    const template = environment.compile("{% macro m() %}\n{{ 1 / 0 }}{% endmacro %}{{ m() }}", {
      file: "m.sql",
      line: 40,
    })
    const error = failureOf(() => template.render(environment.context()))
    assert.deepEqual(error.place, { file: "m.sql", line: 41, column: 1 + "{{ 1 ".length })
  })
})

describe("the trace of an error", () => {
  const macros = "{% macro outer(x) %}\n{{ inner(x) }}\n{% endmacro %}{% macro inner(x) %}{{ x.y.z }}{% endmacro %}"

  test("names the macros from the innermost to the template", () => {
    const context = environment.context({
      lib: hostFunction("lib", (args) => {
        const macro = environment.compile(macros, { file: "macros.sql" }).macros(context).get("outer")
        return macro?.call(args, new Map()) ?? null
      }),
    })
    const error = failureOf(() => environment.compile("\n{{ lib({}) }}", { file: "model.sql" }).render(context))
    assert.deepEqual(
      error.trace.map(({ macro, file, line }) => ({ macro, file, line })),
      [
        { macro: "inner", file: "macros.sql", line: 3 },
        { macro: "outer", file: "macros.sql", line: 2 },
        { macro: null, file: "model.sql", line: 2 },
      ],
    )
    assert.equal(
      describeError(error),
      [
        "'dict object' has no attribute 'y' (macros.sql:3:42)",
        "  in macro inner (macros.sql:3)",
        "  in macro outer (macros.sql:2)",
        "  in model.sql:2",
      ].join("\n"),
    )
  })

  test("leaves nothing behind for the next render of the same context", () => {
    const context = environment.context()
    failureOf(() => environment.compile(`${macros}{{ outer(1) }}`).render(context))
    assert.equal(context.frame, null)
    assert.equal(failureOf(() => environment.compile("{{ 1 / 0 }}").render(context)).trace.length, 1)
  })

  test("wraps what a function of the host throws, with its cause", () => {
    const cause = new Error("no such model")
    const fail = hostFunction("ref", () => {
      throw cause
    })
    const error = failure("\n\n{{ ref('x') }}", { ref: fail })
    assert.deepEqual([error.kind, error.message, error.line, error.cause], ["host", "no such model", 3, cause])
  })
})
