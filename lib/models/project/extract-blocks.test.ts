import assert from "node:assert/strict"
import { test } from "node:test"
import { type BlockType, extractBlocks } from "./extract-blocks.ts"

const MACROS: ReadonlySet<BlockType> = new Set(["macro", "test", "data_test", "materialization"])
const extract = (text: string, types = MACROS) => extractBlocks(text, types, "macros/a.sql")

test("finds blocks with their signature, body and line", () => {
  const [first, second] = extract(
    "\n{% macro a(x, y='%}') -%}\n  body {{ x }}\n{%- endmacro %}\ntext\n{%- test b(model) %}s{% endtest -%}",
  )
  assert.deepEqual(
    { ...first, text: "" },
    { type: "macro", name: "a", signature: "(x, y='%}') ", body: "\n  body {{ x }}\n", text: "", line: 2 },
  )
  assert.equal(second?.name, "b")
  assert.equal(second?.line, 6)
})

test("passes over comments, raw blocks, strings and other tags", () => {
  const text = `{# {% macro no() %} #}{% raw %}{% macro no() %}{% endraw %}{{ "{% macro no() %}" }}{% set x = "{% endmacro %}" %}
{% macro yes() %}{% if a %}{# {% endmacro %} #}{{ '{% endmacro %}' }}{% endif %}{% endmacro %}`
  assert.deepEqual(
    extract(text).map(({ name }) => name),
    ["yes"],
  )
})

test("refuses a block inside of another or of a control tag, and one that stays open", () => {
  assert.throws(
    () => extract("{% macro a() %}\n{% macro b() %}{% endmacro %}{% endmacro %}"),
    /a\.sql:2:1: .*inside of the macro block "a"/,
  )
  assert.throws(() => extract("{% if x %}{% macro b() %}{% endmacro %}{% endif %}"), /inside of \{% if %\}/)
  assert.throws(() => extract("\n\n  {% macro a() %}"), /a\.sql:3:3: the macro block "a" is never closed/)
  assert.throws(() => extract("{% macro a()"), /this tag is never closed/)
})

test("takes documentation as prose", () => {
  const [block] = extract("# Title\n{% docs a %}\nDon't {{ or {% do\n{% enddocs %}", new Set(["docs"]))
  assert.equal(block?.body, "\nDon't {{ or {% do\n")
})
