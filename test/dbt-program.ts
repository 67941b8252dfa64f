import { spawn } from "node:child_process"
import { once } from "node:events"
import { readFileSync } from "node:fs"
import path from "node:path"
import { text } from "node:stream/consumers"
import { writeProject } from "./dbt-project.ts"

export interface ProgramOutcome {
  code: number | null
  out: string
  err: string
}

const MAIN = path.join(import.meta.dirname, "..", "cli", "headrace.mjs")

/**
 * A project in a folder of its own, and `headrace dbt` started in it. The folder goes with the test or, made at the top of a file,
 * with all of them.
 */
export class DbtProgram {
  readonly folder: string
  env: Readonly<Record<string, string>>

  constructor(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
    this.folder = writeProject(files)
    this.env = env
  }

  async run(...args: string[]): Promise<ProgramOutcome> {
    const child = spawn(process.execPath, [MAIN, "dbt", ...args], {
      cwd: this.folder,
      // Neither settings nor a profile of whoever runs the tests. The cast: Next's types claim that NODE_ENV is always set.
      env: {
        PATH: process.env.PATH ?? "",
        HOME: this.folder,
        HEADRACE_HOME: path.join(this.folder, ".headrace"),
        ...this.env,
      } as unknown as NodeJS.ProcessEnv,
      stdio: ["ignore", "pipe", "pipe"],
    })
    const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")])
    return { code: code as number | null, out, err }
  }

  /** An artifact of the last command. */
  artifact<T>(name: string, folder = "target"): T {
    return JSON.parse(readFileSync(path.join(this.folder, folder, name), "utf8")) as T
  }
}

/** A small shop: a seed, a view, a table, a snapshot, tests, a source with an age, an exposure, and macros to call. */
export const SHOP: Readonly<Record<string, string>> = {
  "dbt_project.yml": `name: shop
version: '1.0'
profile: shop
models: {shop: {marts: {+materialized: table}}}
on-run-end: "create table if not exists {{ target.schema }}.audit (at timestamptz default now())"
`,
  "seeds/raw_orders.csv": "id,customer,amount\n1,ann,10\n2,bob,20\n3,ann,5\n",
  "models/stg_orders.sql": "select id, customer, amount from {{ ref('raw_orders') }}",
  "models/marts/customers.sql":
    "select customer, {{ cents('sum(amount)') }} as total from {{ ref('stg_orders') }} group by 1",
  "models/schema.yml": `version: 2
sources:
  - name: raw
    schema: "{{ target.schema }}"
    loaded_at_field: at
    freshness: {warn_after: {count: 1, period: hour}, error_after: {count: 1, period: day}}
    tables:
      - name: loads
      - name: unwatched
        identifier: loads
        freshness: null
models:
  - name: stg_orders
    columns:
      - {name: id, data_tests: [unique, not_null]}
  - name: customers
    description: One row a customer
    columns:
      - {name: customer, description: Who bought}
exposures:
  - name: board
    type: dashboard
    owner: {name: Ann, email: ann@example.com}
    depends_on: ["ref('customers')"]
`,
  "snapshots/history.sql":
    "{% snapshot history %}{{ config(unique_key='id', strategy='check', check_cols='all') }}select * from {{ ref('stg_orders') }}{% endsnapshot %}",
  "tests/none_negative.sql": "select * from {{ ref('stg_orders') }} where amount < 0",
  "macros/cents.sql": `{% macro cents(of) %}cast({{ of }} * 100 as bigint){% endmacro %}
{% macro note(what, times=1) %}
  {% do run_query("create table " ~ target.schema ~ "." ~ what ~ " as select " ~ times ~ " as n") %}
  {{ log("noted " ~ what, info=true) }}
{% endmacro %}
`,
}
