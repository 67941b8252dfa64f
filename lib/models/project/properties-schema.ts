import { z } from "zod"

/*
 * The shapes of properties files. Keys that are not of them are kept and passed over, as dbt does: people keep notes of their
 * own there. (Who reads them warns of those that look like a misspelt one.)
 */

/** YAML reads `off` and `12` as other things than names; dbt takes them for none, so quotes are asked for. */
const name = z.string("has to be text; put it in quotes")
const scalar = z.union([z.string(), z.number(), z.boolean()], "has to be text").transform(String)
const anyMap = z.record(z.string(), z.unknown())
const text = scalar.nullable().transform((value) => value ?? "")
const optionalText = z.string().nullish()
const tags = z.union([z.string(), z.array(z.string())]).nullish()
const tests = z.array(z.union([z.string(), anyMap])).nullish()
const version = z.union([z.string(), z.number()])

const constraint = z.looseObject({
  type: z.enum(["check", "not_null", "unique", "primary_key", "foreign_key", "custom"]),
  name: optionalText,
  expression: optionalText,
  columns: z.array(z.string()).nullish(),
  to: optionalText,
  to_columns: z.array(z.string()).nullish(),
  warn_unenforced: z.boolean().nullish(),
  warn_unsupported: z.boolean().nullish(),
})

const docs = z.looseObject({ show: z.boolean().nullish(), node_color: optionalText }).nullish()

export const columnSchema = z.looseObject({
  name,
  description: text.optional(),
  data_type: scalar.nullish(),
  meta: anyMap.nullish(),
  tags,
  quote: z.boolean().nullish(),
  constraints: z.array(constraint).nullish(),
  tests,
  data_tests: tests,
  config: anyMap.nullish(),
  granularity: optionalText,
})

/** Inside `versions:`, an entry of columns may say which columns of the model it takes over. */
const columnChoice = z.looseObject({
  include: z.union([z.string(), z.array(z.string())]).nullish(),
  exclude: z.array(z.string()).nullish(),
})

const node = {
  name,
  description: text.optional(),
  docs,
  config: anyMap.nullish(),
  meta: anyMap.nullish(),
  tags,
  columns: z.array(columnSchema).nullish(),
  tests,
  data_tests: tests,
}

export const modelSchema = z.looseObject({
  ...node,
  access: optionalText,
  group: optionalText,
  constraints: z.array(constraint).nullish(),
  latest_version: version.nullish(),
  deprecation_date: z.string().nullish(),
  primary_key: z.unknown().optional(),
  quote_columns: z.boolean().nullish(),
  time_spine: z.unknown().optional(),
  versions: z
    .array(
      z.looseObject({
        v: version,
        defined_in: optionalText,
        description: text.optional(),
        access: optionalText,
        config: anyMap.nullish(),
        constraints: z.array(constraint).nullish(),
        deprecation_date: z.string().nullish(),
        docs,
        columns: z.array(z.union([columnSchema, columnChoice])).nullish(),
        tests,
        data_tests: tests,
      }),
    )
    .nullish(),
})

export const nodeSchema = z.looseObject({
  ...node,
  access: optionalText,
  group: optionalText,
  quote_columns: z.boolean().nullish(),
})

export const snapshotSchema = z.looseObject({ ...node, group: optionalText, relation: optionalText })

const threshold = z.looseObject({ count: z.coerce.number().nullish(), period: optionalText }).nullish()
const freshness = z.looseObject({ warn_after: threshold, error_after: threshold, filter: optionalText }).nullable()
const quoting = z
  .looseObject({
    database: z.boolean().nullish(),
    schema: z.boolean().nullish(),
    identifier: z.boolean().nullish(),
    column: z.boolean().nullish(),
  })
  .nullish()

export const tableSchema = z.looseObject({
  ...node,
  identifier: scalar.nullish(),
  loader: optionalText,
  loaded_at_field: optionalText,
  loaded_at_query: optionalText,
  freshness: freshness.optional(),
  quoting,
  external: z.unknown().optional(),
})

export const sourceSchema = z.looseObject({
  name,
  description: text.optional(),
  database: scalar.nullish(),
  schema: scalar.nullish(),
  loader: optionalText,
  loaded_at_field: optionalText,
  loaded_at_query: optionalText,
  freshness: freshness.optional(),
  quoting,
  meta: anyMap.nullish(),
  tags,
  config: anyMap.nullish(),
  overrides: optionalText,
  tables: z.array(tableSchema).nullish(),
  unrendered_database: optionalText,
  unrendered_schema: optionalText,
})

export const macroSchema = z.looseObject({
  name,
  description: text.optional(),
  docs,
  meta: anyMap.nullish(),
  config: anyMap.nullish(),
  arguments: z.array(z.looseObject({ name, type: scalar.nullish(), description: text.optional() })).nullish(),
})

export const exposureSchema = z.looseObject({
  name,
  label: optionalText,
  type: z.enum(["dashboard", "notebook", "analysis", "ml", "application"]),
  owner: z.looseObject({ email: z.union([z.string(), z.array(z.string())]).nullish(), name: optionalText }),
  description: text.optional(),
  maturity: z.enum(["low", "medium", "high"]).nullish(),
  url: optionalText,
  depends_on: z.array(z.string()).nullish(),
  meta: anyMap.nullish(),
  tags,
  config: anyMap.nullish(),
})

export const groupSchema = z.looseObject({
  name,
  owner: z.looseObject({ email: z.union([z.string(), z.array(z.string())]).nullish(), name: optionalText }),
  description: optionalText,
  config: anyMap.nullish(),
})

const fixture = {
  rows: z.unknown().optional(),
  format: z.enum(["dict", "csv", "sql"]).nullish(),
  fixture: optionalText,
}

export const unitTestSchema = z.looseObject({
  name,
  model: z.string(),
  description: text.optional(),
  given: z.array(z.strictObject({ input: z.string(), ...fixture })).nullish(),
  expect: z.strictObject(fixture),
  overrides: z.strictObject({ macros: anyMap.nullish(), vars: anyMap.nullish(), env_vars: anyMap.nullish() }).nullish(),
  versions: z.strictObject({ include: z.array(version).nullish(), exclude: z.array(version).nullish() }).nullish(),
  config: anyMap.nullish(),
  meta: anyMap.nullish(),
  tags,
})

/** A property entry of a singular test. */
export const singularTestSchema = z.looseObject({
  name,
  description: text.optional(),
  docs,
  meta: anyMap.nullish(),
  config: anyMap.nullish(),
})

/** What the semantic layer reads; we keep it as it is written. */
export const semanticSchema = z.looseObject({
  name,
  description: text.optional(),
  label: optionalText,
  meta: anyMap.nullish(),
  config: anyMap.nullish(),
  tags,
  group: optionalText,
})

export type ColumnProperties = z.output<typeof columnSchema>
export type ModelProperties = z.output<typeof modelSchema>
export type NodeProperties = z.output<typeof nodeSchema>
export type SnapshotProperties = z.output<typeof snapshotSchema>
export type SourceProperties = z.output<typeof sourceSchema>
export type SourceTableProperties = z.output<typeof tableSchema>
export type MacroProperties = z.output<typeof macroSchema>
export type ExposureProperties = z.output<typeof exposureSchema>
export type GroupProperties = z.output<typeof groupSchema>
export type UnitTestProperties = z.output<typeof unitTestSchema>
export type SingularTestProperties = z.output<typeof singularTestSchema>
export type SemanticProperties = z.output<typeof semanticSchema>
export type ConstraintProperties = z.output<typeof constraint>
