import assert from "node:assert/strict"
import { test } from "node:test"
import { parseFiles } from "#test/dbt-project.ts"
import type { ModelNode, ParsedNode, TestNode } from "./node.ts"
import { ProjectError } from "./project-error.ts"

function node<T extends ParsedNode = ModelNode>(parsed: ReturnType<typeof parseFiles>, id: string): T {
  const found = parsed.manifest.nodes.get(id)
  assert.ok(found, `${id} is not among ${[...parsed.manifest.nodes.keys()].join(", ")}`)
  return found as T
}

/** The message of the one problem that parsing ends with. */
function problemOf(files: Record<string, string>): string {
  try {
    parseFiles(files)
  } catch (error) {
    assert.ok(error instanceof ProjectError, String(error))
    return error.message
  }
  return assert.fail("It parsed.")
}

test("makes nodes of models, with their place, relation and what they read", () => {
  const parsed = parseFiles({
    "models/staging/stg_orders.sql":
      "\n{{ config(schema='staging', alias='orders') }}\nselect * from {{ source('shop', 'orders') }}\n",
    "models/orders.sql": "select * from {{ ref('stg_orders') }}{% if execute %}never{% endif %}",
    "models/sources.yml":
      "sources:\n  - name: shop\n    schema: raw\n    tables: [{name: orders, identifier: ORDERS}]\n",
  })
  const staging = node(parsed, "model.shop.stg_orders")
  assert.deepEqual(staging.fqn, ["shop", "staging", "stg_orders"])
  assert.equal(staging.path, "staging/stg_orders.sql")
  assert.equal(staging.relation_name, '"db"."public_staging"."orders"')
  assert.deepEqual(staging.depends_on.nodes, ["source.shop.shop.orders"])
  assert.equal(staging.start_line, 2)
  assert.equal(parsed.manifest.sources.get("source.shop.shop.orders")?.relation_name, '"db"."raw"."ORDERS"')
  assert.deepEqual(node(parsed, "model.shop.orders").depends_on.nodes, ["model.shop.stg_orders"])
})

test("merges config from the project, its folders, properties and the file", () => {
  const parsed = parseFiles({
    "dbt_project.yml": `
name: shop
profile: shop
models:
  +meta: {level: all, of: all}
  +tags: [all]
  shop:
    +materialized: table
    +pre-hook: select 1
    marts:
      +materialized: view
      +tags: marts
      +grants: {select: [everyone], +insert: [loader]}
`,
    "models/marts/a.sql":
      "{{ config(tags=['file'], meta={'of': 'file'}, grants={'+select': ['me'], '+insert': ['me']}, pre_hook='select 2') }} select 1",
    "models/marts/a.yml":
      "models: [{name: a, config: {tags: [yml], materialized: incremental, unique_key: id}, meta: {yml: 1}}]",
    "models/b.sql": "select 1",
  })
  const { config, tags, meta } = node(parsed, "model.shop.a")
  assert.deepEqual(tags, ["all", "marts", "yml", "file"])
  assert.deepEqual(meta, { level: "all", of: "file", yml: 1 })
  assert.equal(config.materialized, "incremental")
  assert.equal(config.unique_key, "id")
  assert.deepEqual(config.grants, { select: ["everyone", "me"], insert: ["loader", "me"] })
  assert.deepEqual(
    config["pre-hook"].map(({ sql }) => sql),
    ["select 1", "select 2"],
  )
  assert.equal(node(parsed, "model.shop.b").config.materialized, "table")
})

test("gives the root project the last word over the config of its packages", () => {
  const parsed = parseFiles({
    "dbt_project.yml": "name: shop\nprofile: shop\nmodels:\n  tools:\n    +materialized: table\n    +schema: tools\n",
    "packages.yml": "packages: [{local: ./tools}]",
    "tools/dbt_project.yml": "name: tools\nmodels: {+tags: own}\n",
    "tools/models/t.sql": "{{ config(materialized='view') }} select 1",
    "models/a.sql": "select * from {{ ref('tools', 't') }} join {{ ref('t') }}",
  })
  const tool = node(parsed, "model.tools.t")
  assert.equal(tool.config.materialized, "table")
  assert.equal(tool.schema, "public_tools")
  assert.deepEqual(tool.tags, ["own"])
  assert.deepEqual(node(parsed, "model.shop.a").depends_on.nodes, ["model.tools.t"])
})

test("names generic tests, their ids and aliases as dbt does", () => {
  const parsed = parseFiles({
    "models/customers.sql": "select 1 as customer_id",
    "models/orders.sql": "select 1 as customer_id, 'placed' as status",
    "models/schema.yml": `
models:
  - name: customers
    columns: [{name: customer_id, data_tests: [unique, not_null]}]
  - name: orders
    columns:
      - name: customer_id
        tests:
          - relationships: {to: ref('customers'), field: customer_id}
      - name: status
        tests:
          - accepted_values:
              values: ['placed', 'shipped', 'completed', 'return_pending', 'returned']
`,
  })
  // The ids that dbt 1.9 gives these tests.
  const ids = [
    "test.shop.unique_customers_customer_id",
    "test.shop.not_null_customers_customer_id",
    "test.shop.relationships_orders_customer_id__customer_id__ref_customers_",
    "test.shop.accepted_values_orders_status__placed__shipped__completed__return_pending__returned",
  ]
  const hashes = ["c5af1ff4b1", "5c9bf9911d", "c6ec7f58f2", "be6b5b5ec3"]
  const tests = ids.map((id, index) => node<TestNode>(parsed, `${id}.${hashes[index]}`))
  assert.deepEqual(tests[2]?.depends_on.nodes, ["model.shop.customers", "model.shop.orders"])
  assert.equal(tests[3]?.alias, "accepted_values_orders_1ce6ab157c285f7cd2ac656013faf758")
  assert.equal(tests[0]?.attached_node, "model.shop.customers")
  assert.deepEqual(node(parsed, "model.shop.customers").primary_key, ["customer_id"])
})

test("reads arguments, config, names and tags of tests in all their spellings", () => {
  const parsed = parseFiles({
    "models/a.sql": "select 1 as id",
    "models/a.yml": `
models:
  - name: a
    data_tests:
      - is_like: {name: first, arguments: {pattern: "{{ 1 + 1 }}"}, config: {severity: warn, where: "id > 0"}}
      - {name: second, test_name: is_like, pattern: x, tags: [slow], limit: 5}
`,
    "macros/is_like.sql":
      "{% test is_like(model, pattern) %}{{ config(fail_calc='sum(n)') }}select * from {{ model }} -- {{ pattern }}{% endtest %}",
  })
  const byName = new Map([...parsed.manifest.nodes.values()].map((each) => [each.name, each as TestNode]))
  const [first, second] = [byName.get("first"), byName.get("second")]
  assert.equal(first?.config.severity, "warn")
  assert.equal(first?.config.where, "id > 0")
  assert.equal(first?.config.fail_calc, "sum(n)")
  assert.deepEqual(first?.test_metadata?.kwargs, {
    pattern: "{{ 1 + 1 }}",
    model: "{{ get_where_subquery(ref('a')) }}",
  })
  assert.deepEqual(second?.tags, ["slow"])
  assert.equal(second?.config.limit, 5)
  assert.deepEqual(second?.depends_on.macros, ["macro.shop.test_is_like", "macro.dbt.get_where_subquery"])
})

test("makes a node of each version, and takes the latest where none is asked for", () => {
  const parsed = parseFiles({
    "models/dim_v1.sql": "select 1 as id, 2 as old",
    "models/dim_next.sql": "select 1 as id",
    "models/user.sql": "select * from {{ ref('dim') }} join {{ ref('dim', v=1) }}",
    "models/dim.yml": `
models:
  - name: dim
    latest_version: 2
    columns: [{name: id, tests: [unique]}, {name: old}]
    versions:
      - v: 1
        config: {materialized: table}
      - v: 2
        defined_in: dim_next
        columns: [{include: all, exclude: [old]}]
`,
  })
  const [one, two] = [node(parsed, "model.shop.dim.v1"), node(parsed, "model.shop.dim.v2")]
  assert.equal(one.alias, "dim_v1")
  assert.equal(one.config.materialized, "table")
  assert.deepEqual(Object.keys(one.columns), ["id", "old"])
  assert.deepEqual(Object.keys(two.columns), ["id"])
  assert.deepEqual(node(parsed, "model.shop.user").depends_on.nodes, ["model.shop.dim.v2", "model.shop.dim.v1"])
  assert.ok(
    node<TestNode>(parsed, "test.shop.unique_dim_v1_id.4ee4ae2bb4".replace(/\.\w+$/, idOf(parsed, "unique_dim_v1_id"))),
  )
})

const idOf = (parsed: ReturnType<typeof parseFiles>, name: string): string => {
  const found = [...parsed.manifest.nodes.values()].find((each) => each.name === name)
  return `.${found?.unique_id.split(".").at(-1)}`
}

test("lets the root project say how schemas, aliases and databases are named", () => {
  const parsed = parseFiles({
    "models/a.sql": "{{ config(schema='x', tags=['t']) }} select 1",
    "macros/names.sql": `
{% macro generate_schema_name(custom, node) %}  {{ target.name }}_{{ custom }}_{{ node.config.tags[0] }}  {% endmacro %}
{% macro generate_alias_name(custom, node) %}{{ node.fqn | join('_') }}_{{ node.get('name') }}{% endmacro %}`,
  })
  assert.equal(node(parsed, "model.shop.a").relation_name, '"db"."dev_x_t"."shop_a_a"')
})

test("reads snapshots from blocks and from YAML", () => {
  const parsed = parseFiles({
    "models/a.sql": "select 1 as id",
    "snapshots/s.sql":
      "{% snapshot one %}{{ config(target_schema='snaps', strategy='check', check_cols='all', unique_key='id') }} select * from {{ ref('a') }}{% endsnapshot %}",
    "snapshots/s.yml":
      "snapshots: [{name: two, relation: ref('a'), config: {schema: hist, unique_key: [a, b], strategy: timestamp, updated_at: t}}]",
  })
  assert.equal(node(parsed, "snapshot.shop.one").relation_name, '"db"."snaps"."one"')
  const two = node(parsed, "snapshot.shop.two")
  assert.equal(two.relation_name, '"db"."public_hist"."two"')
  assert.equal(two.raw_code, "select * from {{ ref('a') }}")
  assert.deepEqual(two.config.unique_key, ["a", "b"])
  assert.deepEqual(two.depends_on.nodes, ["model.shop.a"])
})

test("renders vars by precedence, and env_var", () => {
  const parsed = parseFiles(
    {
      "dbt_project.yml":
        "name: shop\nprofile: shop\nvars: {a: all, b: all, tools: {b: tools}, c: \"{{ env_var('C') }}\", d: 1}\nmodels: {+schema: \"{{ var('d', 'none') }}\"}\n",
      "packages.yml": "packages: [{local: tools}]",
      "tools/dbt_project.yml": "name: tools\nvars: {own: 1, b: own, tools: {own: 2}}\n",
      "tools/models/t.sql": "{{ config(alias=[var('a'), var('b'), var('c'), var('d'), var('own')] | join('_')) }}",
    },
    { vars: { d: 9 }, env: { C: "env" } },
  )
  assert.equal(node(parsed, "model.tools.t").alias, "all_tools_env_9_2")
  assert.equal(node(parsed, "model.tools.t").schema, "public_9")
})

test("resolves docs, groups, exposures, unit tests and hooks", () => {
  const parsed = parseFiles({
    "dbt_project.yml": "name: shop\nprofile: shop\non-run-end: ['{{ log(1) }}', 'select 1']\n",
    "models/a.sql": "select 1 as id",
    "models/docs.md": "{% docs a %}\nAll about a.\n{% enddocs %}",
    "models/a.yml": `
groups: [{name: finance, owner: {name: Ann}}]
models: [{name: a, description: "{{ doc('a') }}", group: finance}]
exposures: [{name: board, type: dashboard, owner: {name: Ann}, depends_on: ["ref('a')"]}]
unit_tests: [{name: u, model: a, given: [], expect: {rows: [{id: 1}]}}]
`,
  })
  const { manifest } = parsed
  assert.equal(node(parsed, "model.shop.a").description, "All about a.")
  assert.equal(node(parsed, "model.shop.a").group, "finance")
  assert.deepEqual(manifest.unitTests.get("unit_test.shop.a.u")?.depends_on.nodes, ["model.shop.a"])
  assert.equal(node(parsed, "operation.shop.shop-on-run-end-1").raw_code, "select 1")
})

test("keeps disabled things apart, with the tests of what is disabled", () => {
  const parsed = parseFiles({
    "models/a.sql": "{{ config(enabled=false) }} select 1",
    "models/a.yml": "models: [{name: a, columns: [{name: id, tests: [unique]}]}]",
  })
  assert.equal(parsed.manifest.nodes.size, 0)
  assert.deepEqual(
    [...parsed.manifest.disabled.keys()].map((id) => id.replace(/\.\w{10}$/, "")),
    ["model.shop.a", "test.shop.unique_a_id"],
  )
})

test("says what is wrong, where, and what might have been meant", () => {
  const cases: [Record<string, string>, RegExp][] = [
    [
      { "models/orders.sql": "select 1", "models/b.sql": "select *\nfrom {{ ref('order') }}" },
      /^models\/b\.sql:2:9: model "b" depends on a node named "order", which is not there; did you mean "orders"\?$/,
    ],
    [
      { "models/a.sql": "{{ source('x', 'y') }}" },
      /models\/a\.sql:1:4: .*a source named "x\.y", which is not there\.$/,
    ],
    [
      { "models/a.sql": "{{ config(enabled=false) }}", "models/b.sql": "{{ ref('a') }}" },
      /"a", which is disabled in models\/a\.sql/,
    ],
    [
      { "models/a.sql": "{{ ref('b') }}", "models/b.sql": "{{ ref('c') }}", "models/c.sql": "{{ ref('a') }}" },
      /in a circle: \w → \w → \w → \w\./,
    ],
    [
      { "models/x/a.sql": "select 1", "models/y/a.sql": "select 1" },
      /models\/y\/a\.sql:1:1: there are two models named "a"/,
    ],
    [{ "models/a.sql": "select 1", "seeds/a.csv": "id" }, /are both named "a"/],
    [
      { "models/a.sql": "{{ config(alias='x') }}", "models/b.sql": "{{ config(alias='x') }}" },
      /would both be "db"\."public"\."x"/,
    ],
    [
      { "dbt_project.yml": "name: shop\nprofile: shop\nmodel-path: [x]\n" },
      /dbt_project\.yml:3:1: there is no key "model-path"; did you mean "model-paths"\?/,
    ],
    [
      { "models/a.yml": "models: [{name: a, columns: [{name: id, tests: [uniqe]}]}]" },
      /models\/a\.yml:1:\d+: there is no test "uniqe"; did you mean "unique"\?/,
    ],
    [
      {
        "models/a.sql": "select\n {{ broken(1) }}",
        "macros/m.sql": "\n{% macro broken(x) %}\n{{ exceptions.raise_compiler_error('No ' ~ x) }}{% endmacro %}",
      },
      /^macros\/m\.sql:3:\d+: No 1\n {2}in macro broken \(macros\/m\.sql:3\)\n {2}in models\/a\.sql:2$/,
    ],
    [{ "models/a.sql": "select 1\n{% if %}" }, /^models\/a\.sql:2:\d+: /],
    [
      {
        "models/a.sql": "{{ config(group='finanse') }}",
        "models/a.yml": "groups: [{name: finance, owner: {name: a}}]",
      },
      /is in the group "finanse", which is not there; did you mean "finance"/,
    ],
    [
      {
        "models/a.sql": "select 1",
        "models/b.sql": "{{ ref('a') }}",
        "models/a.yml": "groups: [{name: g, owner: {name: a}}]\nmodels: [{name: a, access: private, group: g}]",
      },
      /model "b" cannot use "a", which is private to the group "g"/,
    ],
    [
      {
        "models/a.sql": "select 1",
        "models/a.yml": "models: [{name: a, config: {contract: {enforced: true}}, columns: [{name: id}]}]",
      },
      /these columns have no data_type: id/,
    ],
  ]
  for (const [files, expected] of cases) assert.match(problemOf(files), expected)
})

test("warns of what describes nothing, and of keys that look misspelt", () => {
  const { warnings } = parseFiles({
    "models/a.sql": "select 1",
    "models/a.yml": "models:\n  - name: a\n    desciption: x\n    grain: of our own\n  - name: b\n",
  })
  assert.deepEqual(
    warnings.map(({ line, message }) => `${line}: ${message}`),
    [
      '3: there is no key "desciption"; did you mean "description"?',
      '5: "b" under "models" describes something that is not there.',
    ],
  )
})
