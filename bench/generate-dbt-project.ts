import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"

/** How many models stand in one folder with one properties file. */
const MODELS_A_FOLDER = 50

/**
 * Writes a dbt project of so many models: each reads a source or up to two models before it, has three columns described and
 * two tests; every tenth uses control flow, so that it has to be rendered. The source is the table `raw.events` with the columns
 * `id`, `amount` and `created_at`.
 */
export function generateDbtProject(folder: string, models: number): void {
  mkdirSync(path.join(folder, "macros"), { recursive: true })
  writeFileSync(
    path.join(folder, "dbt_project.yml"),
    "name: generated\nversion: '1.0'\nprofile: generated\nmodels:\n  generated:\n    +materialized: view\n",
  )
  writeFileSync(
    path.join(folder, "macros/cents.sql"),
    "{% macro cents(column) %}({{ column }} / 100)::numeric(16, 2){% endmacro %}\n",
  )
  for (let start = 0; start < models; start += MODELS_A_FOLDER) {
    const directory = path.join(folder, `models/area_${start / MODELS_A_FOLDER}`)
    mkdirSync(directory, { recursive: true })
    const properties = ["version: 2", "", "models:"]
    for (let index = start; index < Math.min(models, start + MODELS_A_FOLDER); index++) {
      writeFileSync(path.join(directory, `model_${index}.sql`), modelSql(index))
      properties.push(...modelProperties(index))
    }
    writeFileSync(path.join(directory, "schema.yml"), `${properties.join("\n")}\n`)
  }
  writeFileSync(
    path.join(folder, "models/sources.yml"),
    "version: 2\nsources:\n  - name: raw\n    schema: raw\n    tables:\n      - name: events\n",
  )
}

function modelSql(index: number): string {
  const upstream = index < 10 ? "{{ source('raw', 'events') }}" : `{{ ref('model_${Math.floor(index / 2)}') }}`
  const other = index < 10 ? "" : `\nleft join {{ ref('model_${index - 7}') }} as other using (id)`
  const isRendered = index % 10 === 0
  const amount = isRendered ? "{{ cents('upstream.amount') }}" : "upstream.amount"
  const filter = isRendered
    ? "\n{% if is_incremental() %}where upstream.created_at > (select max(created_at) from {{ this }}){% endif %}"
    : ""
  return `{{ config(materialized='${index % 20 === 0 ? "incremental" : "table"}', tags=['area']) }}

with upstream as (
  select * from ${upstream}
)

select
  id,
  ${amount} as amount,
  upstream.created_at
from upstream${other}${filter}
`
}

function modelProperties(index: number): string[] {
  return [
    `  - name: model_${index}`,
    `    description: The model with the number ${index}, one of many like it.`,
    "    columns:",
    "      - name: id",
    "        description: Tells rows apart.",
    "        data_tests:",
    "          - unique",
    "          - not_null",
    "      - name: amount",
    "        description: What it came to.",
    "      - name: created_at",
  ]
}
