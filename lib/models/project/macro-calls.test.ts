import assert from "node:assert/strict"
import { test } from "node:test"
import { parseFiles } from "#test/dbt-project.ts"

test("reads the macros that a macro calls off its text", () => {
  const { manifest } = parseFiles({
    "macros/m.sql": `
{% macro outer(x=inner_default()) %}
  {# inner_comment() #} replace('{{ 'inner_text()' }}', "a") {{ x | replace('a', 'b') }} {{ x.inner_method() }}
  {% do inner_do() %}{% call inner_call() %}{% endcall %}{{ not inner_not() }}{{ dbt.type_string() }}
  {{ adapter.dispatch('inner')() }} {{ outer() }}
{% endmacro %}
{% macro default__inner() %}{% endmacro %}
${["default", "comment", "text", "method", "do", "call", "not"].map((name) => `{% macro inner_${name}() %}{% endmacro %}`).join("\n")}`,
  })
  const calls = manifest.macros.get("macro.shop.outer")?.depends_on.macros.map((id) => id.replace("macro.shop.", ""))
  assert.deepEqual(calls?.sort(), [
    "default__inner",
    "inner_call",
    "inner_default",
    "inner_do",
    "inner_not",
    "macro.dbt.type_string",
  ])
})
