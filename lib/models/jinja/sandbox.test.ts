import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { toPython } from "./convert.ts"
import { Environment, type EnvironmentOptions } from "./environment.ts"
import { JinjaError } from "./errors.ts"

function kindOf(source: string, options: EnvironmentOptions = {}): string {
  try {
    return `prints ${new Environment(options).render(source)}`.slice(0, 60)
  } catch (error) {
    return error instanceof JinjaError ? error.kind : String(error)
  }
}

describe("JavaScript's own properties are out of reach", () => {
  const names = [
    "constructor",
    "__proto__",
    "prototype",
    "toString",
    "hasOwnProperty",
    "size",
    "forEach",
    "call",
    "then",
  ]
  const values = [
    '""',
    "[]",
    "{}",
    "(1,)",
    "1",
    "1.5",
    "none",
    "range(2)",
    "dict",
    "namespace()",
    "[].append",
    "{}.items()",
  ]
  for (const value of values) {
    test(`of ${value}`, () => {
      const environment = new Environment()
      for (const name of names) {
        assert.equal(environment.render(`{{ (${value})["${name}"] is undefined }}`), "True", name)
        assert.equal(environment.render(`{{ (${value}).${name} is undefined }}`), "True", name)
        assert.equal(environment.render(`{{ (${value})|attr("${name}") is undefined }}`), "True", name)
      }
    })
  }

  test("also as names, filters, tests, tags and entities", () => {
    const environment = new Environment()
    for (const name of names) {
      assert.equal(environment.render(`{{ ${name} is undefined }}`), "True")
      assert.equal(kindOf(`{{ 1 | ${name} }}`), "syntax")
      assert.equal(kindOf(`{{ 1 is ${name} }}`), "syntax")
      assert.equal(kindOf(`{% ${name} %}`), "syntax")
      assert.equal(environment.render(`{{ "&${name};"|striptags }}`), `&${name};`)
    }
  })

  test("and as keys they are keys like any other", () => {
    const data = toPython(JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'))
    assert.equal(
      new Environment().render("{{ x.constructor }} {{ x['__proto__'].a }} {{ x.a }}|", { x: data }),
      "2 1 |",
    )
    assert.equal(({} as Record<string, unknown>).a, undefined)
  })
})

describe("a template cannot run or grow without end", () => {
  const cases: [string, string, EnvironmentOptions?][] = [
    [
      "loops within loops",
      "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
      { limits: { maxSteps: 100_000 } },
    ],
    ["macros that call themselves", "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}"],
    [
      "macros that call themselves, deeper than the stack",
      "{% macro m() %}{{ [m()]|map('string')|list }}{% endmacro %}{{ m() }}",
      { limits: { maxDepth: 1e9 } },
    ],
    ["output", "{% for a in range(9999) %}{{ 'x' * 9999 }}{% endfor %}", { limits: { maxOutput: 1_000_000 } }],
    ["repeated texts", "{{ 'x' * 10**12 }}"],
    ["repeated lists", "{{ [1] * 10**9 }}"],
    ["doubled lists", "{% set l = [1] %}{% for i in range(60) %}{% do l.extend(l) %}{% endfor %}"],
    ["doubled texts", "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}"],
    ["joined texts", "{% set n = namespace(x='x') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}"],
    ["powers", "{{ 9 ** 999999 }}"],
    ["squares", "{% set n = namespace(x=9) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}"],
    ["ranges", "{{ range(10**9) }}"],
    ["padding", "{{ 'x'.center(10**12) }}"],
    ["formats", "{{ '%0999999999d' % 1 }}"],
    ["format specifications", "{{ '{:999999999999}'.format(1) }}"],
    ["precisions", "{{ '%.999999f' % 1.5 }}"],
    ["replacements", "{{ ('a' * 100000).replace('a', 'b' * 100000) }}"],
    ["batches", "{{ [1]|batch(10**10, 0)|list }}"],
    ["brackets in brackets", `{{ ${"(".repeat(20_000)}1${")".repeat(20_000)} }}`],
    ["ifs in ifs", `${"{% if 1 %}".repeat(20_000)}${"{% endif %}".repeat(20_000)}`],
  ]
  for (const [name, source, options] of cases) {
    test(name, () => assert.equal(kindOf(source, options), "limit"))
  }

  test("and a list that holds itself can be printed, and compared in vain", () => {
    assert.equal(kindOf("{% set l = [1] %}{% do l.append(l) %}{{ l }}"), "prints [1, [...]]")
    assert.equal(
      kindOf("{% set a = [] %}{% set b = [] %}{% do a.append(b) %}{% do b.append(a) %}{{ a == b }}"),
      "limit",
    )
  })

  test("nor take long over what it cannot match", () => {
    assert.equal(kindOf("{{ ('a' ~ ' ' * 200000 ~ 'a')|trim|length }}"), "prints 200002")
  })
})

describe("what Jinja has and this engine has not", () => {
  for (const source of ["{% include 'a' %}", "{% extends 'a' %}", "{% import 'a' as b %}", "{% from 'a' import b %}"]) {
    test(`says so: ${source}`, () => assert.equal(kindOf(source), "unsupported"))
  }
})
