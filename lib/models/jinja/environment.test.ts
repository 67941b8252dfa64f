import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { Dict } from "./dict.ts"
import { Environment } from "./environment.ts"
import type { JinjaError } from "./errors.ts"
import { MacroReturn } from "./macro.ts"
import { HostObject, hostFunction, PyFloat, Tuple, Undefined, type Value } from "./values.ts"

const environment = new Environment()
const returnValue = hostFunction("return", (args) => {
  throw new MacroReturn(args[0] ?? null)
})

describe("what a host gives", () => {
  class Relation extends HostObject {
    readonly name: string
    constructor(name: string) {
      super()
      this.name = name
    }
    override get typeName(): string {
      return "Relation"
    }
    override getAttribute(name: string): Value | undefined {
      return name === "identifier" ? this.name : undefined
    }
    override getItem(key: Value): Value | undefined {
      return key === "path" ? "p" : undefined
    }
    override toText(): string {
      return `"${this.name}"`
    }
    override equals(other: Value): boolean {
      return other instanceof Relation && other.name === this.name
    }
    override hashKey(): string {
      return this.name
    }
    override compare(other: Value): number | undefined {
      return other instanceof Relation ? this.name.localeCompare(other.name) : undefined
    }
    override add(other: Value, isRight: boolean): Value | undefined {
      if (typeof other !== "string") return undefined
      return isRight ? other + this.toText() : this.toText() + other
    }
  }
  const globals = { a: new Relation("a"), b: new Relation("b"), a2: new Relation("a") }
  const cases: [string, string][] = [
    [
      "{{ a }} {{ [a] }} {{ a ~ '.x' }} {{ a + '.y' }} {{ 'z.' + a }} {{ '%s' % a }}",
      '"a" ["a"] "a".x "a".y z."a" "a"',
    ],
    ["{{ a.identifier }} {{ a['identifier'] }} {{ a.path }} {{ a['path'] }} {{ a.name is defined }}", "a a p p False"],
    [
      "{{ a == a2 }} {{ a == b }} {{ a in [a2] }} {{ {a: 1}[a2] }} {{ [a, b, a2]|unique|list|length }}",
      "True False True 1 2",
    ],
    [
      "{{ [b, a]|sort|first }} {{ a < b }} {{ 'yes' if a else 'no' }} {{ a is callable }} {{ a is iterable }}",
      '"a" True yes False False',
    ],
  ]
  for (const [source, expected] of cases) {
    test(source, () => assert.equal(environment.render(source, globals), expected))
  }

  test("is refused where its hooks have no answer, in Python's words", () => {
    const messageOf = (source: string) => {
      try {
        return environment.render(source, globals)
      } catch (error) {
        return (error as JinjaError).message
      }
    }
    assert.equal(messageOf("{{ a() }}"), "'Relation' object is not callable")
    assert.equal(messageOf("{% for x in a %}{% endfor %}"), "'Relation' object is not iterable")
    assert.equal(messageOf("{{ a + 1 }}"), "unsupported operand type(s) for +: 'Relation' and 'int'")
    assert.equal(messageOf("{{ a < 1 }}"), "'<' not supported between instances of 'Relation' and 'int'")
    assert.equal(messageOf("{{ a|length }}"), "object of type 'Relation' has no len()")
    assert.equal(messageOf("{{ a.nope.x }}"), "'Relation object' has no attribute 'nope'")
  })

  test("as a function gets positional and keyword arguments", () => {
    const show = hostFunction("show", (args, kwargs) => `${args.length}:${[...kwargs.keys()].join()}`)
    assert.equal(
      environment.render("{{ show(1, *[2], a=1, **{'b': 2}) }} {{ show }}", { show }),
      "2:a,b <function show>",
    )
  })

  test("may come when it is asked for, and stands before Jinja's own names", () => {
    const asked: string[] = []
    const context = environment.context({
      lookup(name) {
        asked.push(name)
        return name === "range" ? "own" : undefined
      },
    })
    const source =
      "{% set here = 1 %}{{ here }}{{ range }}{{ dict() }}{{ nowhere }}{% macro m() %}{{ later }}{% endmacro %}"
    assert.equal(environment.compile(source).render(context), "1own{}")
    assert.deepEqual(asked, ["range", "dict", "nowhere"])
  })

  test("as filter, test, global and tag stands beside Jinja's own", () => {
    const own = new Environment({
      filters: { twice: (input, args) => `${input}${input}${args.length}` },
      tests: { small: (input) => typeof input === "number" && input < 10 },
      globals: { one: 1 },
      tags: {
        note(parser, at) {
          const name = parser.stream.expectName()
          return { kind: "macro", name, parameters: [], body: parser.parseWholeBody("endnote"), at }
        },
      },
    })
    const source =
      "{% note n %}text{% endnote %}{{ n()|twice(1) }} {{ one is small }} {{ [5, 50]|select('small')|list }}"
    assert.equal(own.render(source), "texttext1 True [5]")
  })
})

describe("return()", () => {
  const source = `{% macro f(x) %}text{% for i in [1, 2] %}{% if i == 2 %}{{ return([x, i]) }}{% endif %}{% endfor %}never{% endmacro %}`

  test("ends the macro with a value of any type", () => {
    assert.equal(environment.render(`${source}{{ f(7)[0] + 1 }}{{ f(7) }}`, { return: returnValue }), "8[7, 2]")
  })

  test("in the body of a call block ends the macro around it", () => {
    const wrap = "{% macro wrap() %}<{{ caller() }}>{% endmacro %}"
    assert.equal(
      environment.render(`${wrap}{% call wrap() %}a{{ return(5) }}{% endcall %}`, { return: returnValue }),
      "5",
    )
  })

  test("outside of any macro reaches the host", () => {
    assert.throws(
      () => environment.render("a{{ return(3) }}", { return: returnValue }),
      (error) => error instanceof MacroReturn && error.value === 3,
    )
  })
})

describe("names that are not there", () => {
  const chainable = new Environment({ undefined: "chainable" })

  test("go on being undefined where the environment is chainable", () => {
    const sources = [
      "{{ a.b['c'](1, x=2).d }}",
      "{{ a + 1 }}",
      "{{ 1 - a }}",
      "{{ -a }}",
      "{{ a[1:] }}",
      "{{ f(**a) }}",
      "{{ a < 1 }}",
    ]
    assert.deepEqual(
      sources.map((source) => chainable.render(source)),
      ["", "", "", "", "", "", "False"],
    )
    assert.equal(
      chainable.render("{% macro m(p) %}{{ p.q }}|{{ {}.x.y }}|{{ ('' if false).z }}{% endmacro %}{{ m() }}"),
      "||",
    )
    assert.equal(chainable.render("{% for x in a.b %}x{% else %}none{% endfor %}{{ a.b is defined }}"), "noneFalse")
  })

  test("are errors where it is strict, and None is none of them", () => {
    assert.throws(() => environment.render("{{ a.b }}"), { kind: "undefined", message: "'a' is undefined" })
    assert.throws(() => environment.render("{{ a() }}"), { kind: "undefined" })
    assert.equal(
      environment.render("{{ a is defined }}{{ a|default('d') }}{{ f(none) }}", {
        a: null,
        f: hostFunction("f", (args) => args[0] ?? "x"),
      }),
      "TrueNonex",
    )
  })
})

describe("renderNative", () => {
  const native = (source: string, globals: Record<string, Value> = {}) => environment.renderNative(source, globals)

  test("gives the value of a template that is one expression", () => {
    assert.equal(native("{{ 1 + 1 }}"), 2)
    assert.deepEqual(native("{{ [1, 'a'] }}"), [1, "a"])
    assert.equal(native("{{ none }}"), null)
    assert.equal(native("{{ '1' }}"), "1")
    assert.ok(native("{{ nothing }}") instanceof Undefined)
    assert.equal(native("{% set x = 5 %}{{ x }}"), 5)
    assert.deepEqual(native("{{ x }}", { x: new Tuple([1]) }), new Tuple([1]))
    assert.deepEqual(native("{{ 1.5 }}"), new PyFloat(1.5))
  })

  test("and the text of any other", () => {
    assert.equal(native("{{ 1 }}{{ 2 }}"), "12")
    assert.equal(native(" {{ [1] }}"), " [1]")
    assert.equal(native("text"), "text")
    assert.equal(native(""), "")
  })
})

describe("a compiled template", () => {
  test("gives the names that it sets and its macros", () => {
    const context = environment.context({ base: 10 })
    const template = environment.compile("{% set x = 1 %}{% macro add(n) %}{{ base + n }}{% endmacro %}ignored")
    assert.deepEqual([...template.exports(context).keys()], ["x", "add"])
    const macro = template.macros(context).get("add")
    assert.equal(macro?.call([5], new Map()), "15")
    assert.equal(macro?.name, "add")
  })

  test("is the same for the same source from the same place", () => {
    const compile = (source: string, file: string) => environment.compile(source, { file })
    assert.equal(compile("a", "x.sql"), compile("a", "x.sql"))
    assert.notEqual(compile("a", "x.sql"), compile("a", "y.sql"))
  })

  test("keeps nothing of a render: a dict that a template changes is new each time", () => {
    const template = environment.compile("{% set d = {'a': [1]} %}{% do d.a.append(2) %}{{ d }}")
    assert.equal(template.render(environment.context()), "{'a': [1, 2]}")
    assert.equal(template.render(environment.context()), "{'a': [1, 2]}")
  })

  test("changes the values of the host only through their methods", () => {
    const list: Value[] = [1]
    const dict = Dict.of({ k: list })
    environment.render("{% do d.k.append(2) %}{% set d = 5 %}", { d: dict })
    assert.deepEqual(list, [1, 2])
  })
})
