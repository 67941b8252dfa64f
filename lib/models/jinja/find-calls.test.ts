import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { fromPython } from "./convert.ts"
import { findCalls } from "./find-calls.ts"
import { parse } from "./parser.ts"

function found(source: string): unknown[] {
  return findCalls(parse(source), new Set(["ref", "config"])).map(({ name, arguments: literal }) => [
    name,
    literal && [
      literal.args.map(fromPython),
      Object.fromEntries([...literal.kwargs].map(([key, value]) => [key, fromPython(value)])),
    ],
  ])
}

describe("findCalls", () => {
  test("finds calls of the named functions with their literal arguments", () => {
    const source =
      "{{ config(materialized='table', tags=['a', ('b',)], meta={'k': -1.5}) }} select * from {{ ref('p', 'm', v=2) }}"
    assert.deepEqual(found(source), [
      ["config", [[], { materialized: "table", tags: ["a", ["b"]], meta: { k: -1.5 } }]],
      ["ref", [["p", "m"], { v: 2 }]],
    ])
  })

  test("finds them anywhere, in the order of the source", () => {
    const source =
      "{% if x %}{{ ref('a')|upper }}{% else %}{{ f(ref('b')) }}{% endif %}{% macro m(y=ref('c')) %}{{ ref('d') }}{% endmacro %}"
    assert.deepEqual(
      found(source),
      ["a", "b", "c", "d"].map((name) => ["ref", [[name], {}]]),
    )
  })

  test("says when an argument is not a literal", () => {
    const sources = [
      "{{ ref(x) }}",
      "{{ ref('a' ~ 'b') }}",
      "{{ ref(*x) }}",
      "{{ ref(**x) }}",
      "{{ ref(v=x) }}",
      "{{ ref({x: 1}) }}",
    ]
    assert.deepEqual(
      sources.flatMap(found),
      sources.map(() => ["ref", null]),
    )
  })

  test("takes neither attributes nor texts for calls", () => {
    assert.deepEqual(
      found("{{ x.ref('a') }} {# {{ ref('b') }} #} {% raw %}{{ ref('c') }}{% endraw %} ref('d') {{ \"ref('e')\" }}"),
      [],
    )
  })
})
