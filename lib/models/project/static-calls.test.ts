import assert from "node:assert/strict"
import { test } from "node:test"
import { readStaticCalls } from "./static-calls.ts"

test("reads literal refs, sources and configs", () => {
  const calls =
    readStaticCalls(`{{ config(materialized='table', tags=["a", 'b'], enabled=true, meta={"k": [1, none]}) }}
    {# {{ ref('no') }} #} select '{' from {{- ref("a") -}} join {{ref('pkg','b', v=2)}} join {{ source( 's', "t" ) }}`)
  assert.deepEqual(calls, {
    refs: [
      { name: "a", package: null, version: null },
      { name: "b", package: "pkg", version: 2 },
    ],
    sources: [["s", "t"]],
    metrics: [],
    configs: [{ materialized: "table", tags: ["a", "b"], enabled: true, meta: { k: [1, null] } }],
  })
})

test("leaves everything else to the template language", () => {
  for (const text of [
    "{% if a %}{% endif %}",
    "{{ ref(name) }}",
    "{{ ref('a') ~ 'b' }}",
    "{{ ref('a' 'b') }}",
    "{{ ref('a\\n') }}",
    "{{ ref('a').name }}",
    "{{ config(a=1 + 1) }}",
    "{{ config(a==1) }}",
    "{{ source('a') }}",
    "{{ ref('a', other=1) }}",
    "{{ var('a') }}",
    "{{ ref('a') ",
    "{# ",
  ]) {
    assert.equal(readStaticCalls(text), null, text)
  }
})
