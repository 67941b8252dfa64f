import assert from "node:assert/strict"
import { utimesSync, writeFileSync } from "node:fs"
import path from "node:path"
import { test } from "node:test"
import { parseFiles, TARGET, writeProject } from "#test/dbt-project.ts"
import { type ParseOptions, parseProject } from "./parse-project.ts"

const PROFILES = `
shop:
  target: dev
  outputs:
    dev: {type: postgres, host: h, user: me, password: "{{ env_var('DBT_ENV_SECRET_PASSWORD') }}", dbname: db, schema: "{{ env_var('SCHEMA', 'dev') }}", threads: "4"}
    prod: {type: postgres, host: h, user: "{{ env_var('NOT_SET') }}", dbname: db, schema: prod}
`

test("reads the target from profiles.yml, rendering the chosen output alone", () => {
  const folder = writeProject({ "profiles.yml": PROFILES, "models/a.sql": "{{ config(alias=target.name) }}" })
  const env = { DBT_ENV_SECRET_PASSWORD: "p", SCHEMA: "ann" }
  const { target, manifest } = parseProject({ folder, env })
  assert.equal(target.threads, 4)
  assert.equal(target.credentials.password, "p")
  assert.equal(manifest.nodes.get("model.shop.a")?.relation_name, '"db"."ann"."dev"')
  assert.throws(() => parseProject({ folder, env, targetName: "prod" }), /profiles\.yml:\d+:\d+: .*NOT_SET is not set/)
  assert.throws(() => parseProject({ folder, env, targetName: "prd" }), /has no target "prd"; did you mean "prod"\?/)
  assert.throws(() => parseProject({ folder, env, profile: "shp" }), /no profile "shp"; did you mean "shop"\?/)
})

test("reads what lies in dbt_packages, and says when something is not installed", () => {
  const files = {
    "packages.yml": 'packages: [{package: org/tools, version: [">=1.0.0", "<2.0.0"]}]',
    "dbt_packages/tools/dbt_project.yml": "name: tools",
    "dbt_packages/tools/macros/m.sql": "{% macro one() %}{{ return(1) }}{% endmacro %}",
    "models/a.sql": "{{ config(alias='a' ~ tools.one()) }}",
  }
  assert.equal(parseFiles(files).manifest.nodes.get("model.shop.a")?.alias, "a1")
  const { "dbt_packages/tools/dbt_project.yml": _, ...missing } = files
  assert.throws(() => parseFiles(missing), /1 packages are asked for, but 0 are installed in dbt_packages; run "deps"/)
})

test("chooses macros by package, root and dbt, and dispatches in the order that is asked for", () => {
  const tools = {
    "packages.yml": "packages: [{local: tools}]",
    "tools/dbt_project.yml": "name: tools",
    "tools/macros/m.sql": `
{% macro say() %}{{ return(adapter.dispatch('say', 'tools')()) }}{% endmacro %}
{% macro default__say() %}tools{% endmacro %}
{% macro only_tools() %}x{% endmacro %}`,
    "tools/models/t.sql": "{{ config(alias=only_tools()) }}",
    "models/a.sql": "{{ config(alias=tools.say()) }}",
  }
  const aliasOf = (files: Record<string, string>) =>
    parseFiles({ ...tools, ...files }).manifest.nodes.get("model.shop.a")?.alias
  const own = { "macros/m.sql": "{% macro default__say() %}root{% endmacro %}" }
  assert.equal(aliasOf({}), "tools")
  assert.equal(aliasOf(own), "root")
  const order = "name: shop\nprofile: shop\ndispatch: [{macro_namespace: tools, search_order: [tools, shop]}]\n"
  assert.equal(aliasOf({ ...own, "dbt_project.yml": order }), "tools")
  assert.equal(aliasOf({ "macros/m.sql": "{% macro postgres__say() %}pg{% endmacro %}" }), "pg")
  assert.throws(
    () =>
      aliasOf({ "models/b.sql": "{% if true %}{{ only_tools() }}{{ adapter.dispatch('sy', 'tools')() }}{% endif %}" }),
    /dispatch found no macro "sy" within namespace "tools"; searched for: shop\.postgres__sy/,
  )
})

test("takes the manifest of the last parse while nothing has changed", () => {
  const folder = writeProject({
    "models/a.sql": "select {{ env_var('WHO', 'nobody') }}",
    "models/b.sql": "{{ config(enabled=false) }}",
    "models/a.yml": "models: [{name: a, columns: [{name: id, tests: [{accepted_values: {values: [1.0, 2]}}]}]}]",
    "macros/m.sql": "{% macro m() %}{% endmacro %}",
    "macros/m.yml": "macros: [{name: m, description: It is m.}]",
  })
  const parse = (options: Partial<ParseOptions> = {}) =>
    parseProject({ folder, target: TARGET, usesCache: true, ...options })
  const first = parse()
  const second = parse()
  assert.deepEqual([first.isFromCache, second.isFromCache], [false, true])
  assert.deepEqual(second.manifest, first.manifest)
  assert.equal(second.manifest.macros.get("macro.shop.m")?.description, "It is m.")
  assert.equal(parse({ env: { WHO: "me" } }).isFromCache, false)
  assert.equal(parse({ env: { WHO: "me", OTHER: "x" } }).isFromCache, true)
  assert.equal(parse({ env: { WHO: "me" }, vars: { x: 1 } }).isFromCache, false)
  const file = path.join(folder, "models/a.sql")
  writeFileSync(file, "select 2")
  // A clock of whole seconds would not see this edit by the time alone.
  utimesSync(file, new Date(1e12), new Date(1e12))
  const edited = parse({ env: { WHO: "me" }, vars: { x: 1 } })
  assert.equal(edited.isFromCache, false)
  assert.equal(edited.manifest.nodes.get("model.shop.a")?.raw_code, "select 2")
})
