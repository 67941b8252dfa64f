import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue, toArray } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import { HostObject, type Value } from "../jinja/values.ts"
import { Column } from "../relation/column.ts"
import { formatRows } from "../relation/format-rows.ts"
import type { Relation } from "../relation/relation.ts"
import { columnsOfQuery } from "./catalog.ts"
import type { SyncDatabase } from "./database.ts"

/**
 * Compares what a model's query gives with what its contract promises: names, and types as the server resolves both.
 * @throws AppError `model.invalid` with a table of the columns that differ, and of those that are missing on either side.
 */
export function assertContract(database: SyncDatabase, model: Value, actual: readonly Column[]): void {
  const promised = columnsOf(model)
  const untyped = promised.filter(({ type }) => type === null).map(({ name }) => name)
  if (untyped.length > 0) {
    const message = `A contract needs a data_type for each column; these have none: ${untyped.join(", ")}. Add it in the model's properties.`
    throw new AppError("model.invalid", message)
  }
  const casts = promised.map(({ name, type }) => `cast(null as ${type}) as ${quoteIdentifier(name)}`)
  const expected = casts.length > 0 ? columnsOfQuery(database, `select ${casts.join(", ")}`) : []
  const differences = compare(expected, actual)
  if (differences.length === 0) return
  const table = formatRows(["column_name", "definition_type", "contract_type", "mismatch_reason"], differences)
  throw new AppError(
    "model.invalid",
    `This model has an enforced contract that its query breaks. Change the query or the contract.\n\n${table}`,
  )
}

function compare(expected: readonly Column[], actual: readonly Column[]): string[][] {
  const rest = new Map(actual.map((column) => [column.name.toLowerCase(), column]))
  const differences: string[][] = []
  for (const column of expected) {
    const found = rest.get(column.name.toLowerCase())
    rest.delete(column.name.toLowerCase())
    if (!found) differences.push([column.name, "", column.dataType, "missing in definition"])
    // As dbt does, sizes of texts and precisions of numbers are left to the cast.
    else if (kindOf(found.type) !== kindOf(column.type)) {
      differences.push([column.name, found.dataType, column.dataType, "data type mismatch"])
    }
  }
  for (const column of rest.values()) differences.push([column.name, column.dataType, "", "missing in contract"])
  return differences
}

/** Types that dbt takes for one: those that psycopg gives one name. */
const KINDS: readonly (readonly string[])[] = [
  ["text", "character varying", "character", '"char"', "name"],
  ["smallint", "integer"],
  ["real", "double precision"],
  ["time without time zone", "time with time zone"],
]

function kindOf(type: string): string {
  return KINDS.find((types) => types.includes(type))?.[0] ?? type
}

/** Renders a template: foreign keys say with `ref` what they point to. */
type Render = (template: string) => string

/** `( "id" integer not null, …, primary key (…) )`, from the columns and constraints of a model. */
export function columnsAndConstraints(model: Value, render: Render): string {
  const columns = columnsOf(model).map(({ name, type, isQuoted, constraints }) =>
    [
      isQuoted ? quoteIdentifier(name) : name,
      type ?? "text",
      ...constraints.map((each) => columnConstraint(each, render)),
    ].join(" "),
  )
  return `(\n    ${[...columns, ...listOf(field(model, "constraints")).map((each) => tableConstraint(each, render))].join(",\n    ")}\n  )`
}

/** The names of a contract's columns, as an insert takes them. */
export function contractColumnNames(model: Value): string[] {
  return columnsOf(model).map(({ name, isQuoted }) => (isQuoted ? quoteIdentifier(name) : name))
}

/** What `on_schema_change: fail` says. */
export function describeSchemaChanges(relation: Relation, changes: Value): string {
  const names = (key: string) =>
    listOf(field(changes, key)).map((each) => (each instanceof Column ? each.name : toText(each)))
  const types = listOf(field(changes, "new_target_types")).map(
    (each) => `${toText(field(each, "column_name"))} to ${toText(field(each, "new_type"))}`,
  )
  const parts = [
    ["new in the query", names("source_not_in_target")],
    ["gone from the query", names("target_not_in_source")],
    ["of another type", types],
  ] as const
  const said = parts.flatMap(([what, list]) => (list.length > 0 ? [`${what}: ${list.join(", ")}`] : []))
  return `The columns of ${relation.render()} differ from those of the model's query (${said.join("; ")}). Run it with --full-refresh, or set on_schema_change to append_new_columns or sync_all_columns.`
}

interface ContractColumn {
  name: string
  type: string | null
  isQuoted: boolean
  constraints: Value[]
}

function columnsOf(model: Value): ContractColumn[] {
  const columns = field(model, "columns")
  return (columns instanceof Dict ? [...columns.values()] : []).map((column) => ({
    name: toText(field(column, "name")),
    type: textOrNull(field(column, "data_type")),
    isQuoted: isTrue(field(column, "quote")),
    constraints: listOf(field(column, "constraints")),
  }))
}

function columnConstraint(constraint: Value, render: Render): string {
  const expression = textOrNull(field(constraint, "expression"))
  const kind = toText(field(constraint, "type"))
  const words = (text: string) => [text, expression].filter(Boolean).join(" ")
  switch (kind) {
    case "not_null":
      return words("not null")
    case "unique":
      return words("unique")
    case "primary_key":
      return words("primary key")
    case "check":
      return `check (${expression ?? "true"})`
    case "foreign_key":
      return words(`references${reference(constraint, render)}`)
    default:
      return expression ?? ""
  }
}

function tableConstraint(constraint: Value, render: Render): string {
  const name = textOrNull(field(constraint, "name"))
  const expression = textOrNull(field(constraint, "expression"))
  const columns = listOf(field(constraint, "columns"))
    .map((each) => toText(each))
    .join(", ")
  const prefix = name === null ? "" : `constraint ${quoteIdentifier(name)} `
  switch (toText(field(constraint, "type"))) {
    case "check":
      return `${prefix}check (${expression ?? "true"})`
    case "unique":
      return `${prefix}unique (${columns})${expression ? ` ${expression}` : ""}`
    case "primary_key":
      return `${prefix}primary key (${columns})${expression ? ` ${expression}` : ""}`
    case "foreign_key":
      return `${prefix}foreign key (${columns}) references${reference(constraint, render)}${expression ? ` ${expression}` : ""}`
    default:
      return `${prefix}${expression ?? ""}`
  }
}

function reference(constraint: Value, render: Render): string {
  const to = textOrNull(field(constraint, "to"))
  const columns = listOf(field(constraint, "to_columns")).map((each) => toText(each))
  if (to === null) return ""
  const target = /^\s*(ref|source)\s*\(/.test(to) ? render(`{{ ${to} }}`) : to
  return ` ${target}${columns.length > 0 ? ` (${columns.join(", ")})` : ""}`
}

function field(of: Value | undefined, name: string): Value {
  // `model` is a record that looks like a dict.
  if (of instanceof HostObject) return of.getItem?.(name) ?? null
  return (of instanceof Dict ? of.get(name) : undefined) ?? null
}

function listOf(value: Value): Value[] {
  return value === null ? [] : toArray(value)
}

function textOrNull(value: Value): string | null {
  return value === null ? null : toText(value)
}
