import assert from "node:assert/strict"
import { rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { describe, it } from "node:test"
import { TARGET, writeProject } from "#test/dbt-project.ts"
import { ParseMemories } from "./parse-memories.ts"
import { type ParsedProject, parseProject } from "./parse-project.ts"
import { ProjectError } from "./project-error.ts"
import type { YamlMap } from "./read-yaml.ts"
import { YamlFloat } from "./yaml-scalars.ts"

/** Vars wherever a parse may look at them: the project file, properties, templates, macros, names, hooks, packages, other vars. */
const FILES: Record<string, string> = {
  "dbt_project.yml": `
name: shop
version: '1.0'
profile: shop
vars: { days: 7, nested: "{{ var('days') }} days", inner: { depth: 1 } }
models:
  shop:
    +tags: "{{ var('tag', 'plain') }}"
    marts: { +enabled: "{{ var('marts', true) | as_bool }}", +post-hook: "select '{{ var('owner', 'us') }}'" }
on-run-end: "select '{{ var('owner', 'us') }}' from {{ ref('plain') }}"
`,
  "packages.yml": "packages: [{ local: ./more }]",
  "more/dbt_project.yml": "name: more\nversion: '1.0'\nvars: { days: 70 }\n",
  "more/models/far.sql": "{{ config(alias='far_' ~ var('days')) }} select 1 as x",
  "macros/names.sql": `
{% macro generate_schema_name(custom, node) %}{{ target.schema }}{% if var('is_split', false) %}_{{ node.name }}{% endif %}{% endmacro %}
{% macro chosen(of=var('pick', 'plain')) %}{{ return(ref(of)) }}{% endmacro %}
{% test few(model, column_name, most=var('most', 10)) %}select {{ most }} from {{ model }}{{ config(severity=var('severity', 'error')) }}{% endtest %}`,
  "models/plain.sql": "select 1 as x",
  "models/other.sql": "{{ config(tags=[var('nested')]) }} select * from {{ ref('far') }}",
  "models/picked.sql": "select * from {{ chosen() }} {% if var.has_var('extra') %}join {{ ref('other') }}{% endif %}",
  "models/marts/top.sql": "{{ config(materialized='table', meta=var('inner')) }} select * from {{ ref('picked') }}",
  "models/all.yml": `
version: 2
sources:
  - name: raw
    schema: "{{ var('raw_schema', 'raw') }}"
    tables: [{ name: events, columns: [{ name: id, data_tests: [few] }] }]
models:
  - name: top
    description: "{{ doc('about') }} of {{ var('owner', 'us') }}"
    config: { group: "{{ var('group', none) }}" }
    columns: [{ name: x, data_tests: [unique, { few: { most: "{{ var('most', 3) }}" } }] }]
  - name: plain
    data_tests: [{ few: { column_name: x, config: { where: "x > {{ var('days') }}" } } }]
  - name: versioned
    latest_version: 1
    columns: [{ name: x, data_tests: [not_null] }]
    versions: [{ v: 1 }, { v: 2, config: { alias: "later_{{ var('days') }}" } }]
groups: [{ name: core, owner: { name: us } }]
unit_tests:
  - { name: adds, model: picked, overrides: { vars: { days: "{{ var('days') }}" } }, given: [{ input: ref('plain'), rows: [{ x: 1 }] }], expect: { rows: [{ x: 1 }] } }
semantic_models:
  - { name: facts, model: ref('plain'), measures: [{ name: total, agg: sum, expr: x }] }
metrics:
  - { name: total, label: Total, type: simple, type_params: { measure: total } }
snapshots:
  - { name: kept, relation: "ref(var('pick', 'plain'))", config: { unique_key: x, strategy: check, check_cols: all, schema: s } }
exposures:
  - { name: page, type: dashboard, owner: { name: us }, depends_on: ["ref('plain')"], url: "{{ var('raw_schema', 'raw') }}" }`,
  "models/versioned_v1.sql": "select 1 as x",
  "models/versioned_v2.sql": "select {{ var('days') }} as x",
  "seeds/codes.csv": "code\n1\n",
  "snapshots/seen.sql":
    "{% snapshot seen %}{{ config(unique_key='x', strategy='check', check_cols='all', schema=var('raw_schema', 's')) }} select * from {{ ref('codes') }}{% endsnapshot %}",
  "analyses/look.sql": "select {{ var('days') }}",
  "models/docs.md": "{% docs about %}What it is{% enddocs %}",
  "tests/single.sql": "select * from {{ chosen('top') }} where x = {{ var('days') }}",
}

const VALUES: Record<string, unknown[]> = {
  days: [7, 14, "{{ var('most', 2) }}", null],
  tag: ["plain", "other"],
  marts: [true, false],
  owner: ["us", "them"],
  is_split: [true, false],
  pick: ["plain", "other", "gone"],
  severity: ["warn", "error"],
  most: [1, 1.5, new YamlFloat(1)],
  extra: [1],
  inner: [
    { a: 1, b: 2 },
    { b: 2, a: 1 },
  ],
  raw_schema: ["raw", "landing"],
  group: ["core", "nobody"],
}

const EDITS: [string, (round: number) => string][] = [
  ["models/plain.sql", (round) => `select ${round} as x`],
  ["models/other.sql", (round) => `{{ config(tags=['${round}', var('nested')]) }} select * from {{ ref('far') }}`],
  ["models/more.yml", (round) => `models: [{ name: other, columns: [{ name: c${round}, data_tests: [unique] }] }]`],
  ["models/docs.md", (round) => `{% docs about %}What it is, ${round}{% enddocs %}`],
  ["macros/more.sql", (round) => `{% macro default__test_few() %}${round}{% endmacro %}`],
]

const startedAt = new Date(0)

function parse(folder: string, vars: YamlMap, memories?: ParseMemories): ParsedProject | string {
  try {
    return parseProject({ folder, target: TARGET, vars, startedAt, invocationId: "i", memories })
  } catch (error) {
    if (error instanceof ProjectError) return error.message
    throw error
  }
}

/** All that a parse gives, with the order of what is in it. */
function outcome(parsed: ParsedProject | string): unknown {
  if (typeof parsed === "string") return parsed
  const { manifest, warnings } = parsed
  return {
    warnings,
    parts: Object.entries(manifest).map(([name, part]) => [name, part instanceof Map ? [...part] : part]),
  }
}

function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

describe("ParseMemory", () => {
  for (const seed of [1, 2]) {
    it(`gives what a parse of everything gives, whatever vars and files change (seed ${seed})`, () => {
      const folder = writeProject(FILES)
      const pick = random(seed)
      const memories = new ParseMemories()
      let vars: YamlMap = {}
      for (let round = 0; round < 40; round++) {
        const [name, values] = Object.entries(VALUES)[pick(Object.keys(VALUES).length)]!
        const { [name]: _, ...others } = vars
        vars = pick(3) === 0 ? others : ({ ...others, [name]: values[pick(values.length)] } as YamlMap)
        if (pick(4) === 0) {
          const [file, text] = EDITS[pick(EDITS.length)]!
          writeFileSync(path.join(folder, file), text(round))
        }
        const partial = parse(folder, vars, memories)
        assert.deepStrictEqual(
          outcome(partial),
          outcome(parse(folder, vars)),
          `round ${round} with ${JSON.stringify(vars)}`,
        )
      }
    })
  }

  it("renders nothing but what reads a changed var or stands in a changed file", () => {
    const folder = writeProject({ ...FILES, "models/gone.sql": "select 2 as x" })
    const memories = new ParseMemories()
    const first = parse(folder, {}, memories) as ParsedProject
    writeFileSync(path.join(folder, "models/other.sql"), "select 3 as x")
    rmSync(path.join(folder, "models/gone.sql"))
    const second = parse(folder, { days: 8 }, memories) as ParsedProject
    const isSame = (id: string) => first.manifest.nodes.get(id)!.columns === second.manifest.nodes.get(id)!.columns
    const ids = [...second.manifest.nodes.keys()].filter((id) => id.startsWith("model."))
    assert.deepEqual(ids.filter((id) => !isSame(id)).sort(), [
      "model.more.far",
      "model.shop.other",
      // Its properties file reads the var in an entry, which makes all of its entries new.
      "model.shop.plain",
      "model.shop.top",
      "model.shop.versioned.v1",
      "model.shop.versioned.v2",
    ])
  })

  it("renders anew what may be another each time", () => {
    const folder = writeProject({
      "macros/m.sql": "{% macro day() %}{{ run_started_at.strftime('%d') }}{% endmacro %}",
      "models/a.sql": "{{ config(alias='a_' ~ day()) }} select 1",
      "models/b.sql": "{{ config(alias='b_' ~ invocation_id) }} select 1",
    })
    const memories = new ParseMemories()
    const aliases = (day: number) => {
      const given = { startedAt: new Date(2026, 0, day, 12), invocationId: `i${day}`, memories }
      return [...parseProject({ folder, target: TARGET, ...given }).manifest.nodes.values()].map(({ alias }) => alias)
    }
    assert.deepEqual(
      [aliases(1), aliases(2)],
      [
        ["a_01", "b_i1"],
        ["a_02", "b_i2"],
      ],
    )
  })
})
