import type { Column, NamedRelation, OpenColumns, Relation, Scope } from "./relation.ts"
import { derive, mergeSources, NO_SOURCES, type Sources } from "./sources.ts"
import type { Place } from "./tracing.ts"

/** What an expression gives: where it comes from, and the columns inside when it is a whole row. */
export interface Value {
  sources: Sources
  type: string | null
  row?: Relation | undefined
}

export const NO_VALUE: Value = { sources: NO_SOURCES, type: null }

/** Every table has these; they carry no data. */
const SYSTEM_COLUMNS = new Set(["ctid", "oid", "tableoid", "xmin", "xmax", "cmin", "cmax"])

/**
 * The column that a name means, by the rules of Postgres: innermost query first; within one, a name that two columns have
 * is ambiguous; a name that no column has may mean a whole row. Unknown and ambiguous names become gaps.
 */
export function resolveColumn(fields: readonly string[], place: Place, location: number | undefined): Value {
  if (fields.length === 1) return resolveUnqualified(fields[0]!, place, location)
  const [name, alias, schema] = [...fields].reverse()
  const relation = findNamed(place.scope, alias!, schema ?? null)?.relation
  if (!relation) {
    const text = fields.join(".")
    place.tracing.gap("unknown_column", text, `Nothing in FROM is called ${alias}, as in ${text}.`, location)
    return NO_VALUE
  }
  return resolveInside(relation, name!, fields.join("."), place, location)
}

/** The relation that a qualifier names, in the innermost query that has one. */
export function findNamed(scope: Scope, alias: string, schema: string | null): NamedRelation | null {
  for (let each: Scope | null = scope; each; each = each.outer) {
    const found = each.named.find((item) => item.alias === alias && (!schema || !item.schema || item.schema === schema))
    if (found) return found
  }
  return null
}

/** A column of one relation, as in `orders.id` and `(orders).id`. */
export function resolveInside(
  { columns, open }: Pick<Relation, "columns" | "open">,
  name: string,
  text: string,
  place: Place,
  location: number | undefined,
): Value {
  const found = columns.filter((column) => column.name === name)
  if (found.length === 1) return takeColumn(found[0]!, place)
  if (found.length > 1) return ambiguous(text, place, location)
  if (SYSTEM_COLUMNS.has(name)) return NO_VALUE
  if (open.length > 0) return takeOpen(open, name, text, place, location)
  place.tracing.gap("unknown_column", text, `There is no column ${text}.`, location)
  return NO_VALUE
}

function resolveUnqualified(name: string, place: Place, location: number | undefined): Value {
  for (let scope: Scope | null = place.scope; scope; scope = scope.outer) {
    // Were the name also among the open columns of the same FROM, Postgres would refuse it as ambiguous.
    const found = scope.columns.filter((column) => column.name === name)
    if (found.length === 1) return takeColumn(found[0]!, place)
    if (found.length > 1) return ambiguous(name, place, location)
    if (scope.open.length === 0) continue
    const row = scope.named.find(({ alias }) => alias === name)
    if (row) return wholeRow(row, place, location)
    const open = [...scope.open]
    for (let outer = scope.outer; outer; outer = outer.outer) {
      if (outer.open.length > 0 || outer.columns.some((column) => column.name === name))
        return ambiguous(name, place, location)
    }
    if (SYSTEM_COLUMNS.has(name)) return NO_VALUE
    return takeOpen(open, name, name, place, location)
  }
  const row = findNamed(place.scope, name, null)
  if (row) return wholeRow(row, place, location)
  if (SYSTEM_COLUMNS.has(name)) return NO_VALUE
  place.tracing.gap("unknown_column", name, `There is no column ${name}.`, location)
  return NO_VALUE
}

function takeColumn(column: Column, place: Place): Value {
  place.tracing.mention(column.viaStar)
  return { sources: column.sources, type: column.type, row: column.row }
}

function takeOpen(
  open: readonly OpenColumns[],
  name: string,
  text: string,
  place: Place,
  location: number | undefined,
): Value {
  if (open.length === 1) {
    const column = open[0]!.column(name)
    if (column) return takeColumn(column, place)
  }
  const labels = open.map(({ label }) => label).join(" or ")
  const message = `The column ${text} may come from ${labels}, whose columns are not known.`
  place.tracing.gap(open.length > 1 ? "ambiguous_column" : "unknown_columns", text, message, location)
  return NO_VALUE
}

function ambiguous(text: string, place: Place, location: number | undefined): Value {
  place.tracing.gap("ambiguous_column", text, `More than one relation has a column ${text}: qualify it.`, location)
  return NO_VALUE
}

/** All of a relation as one value. */
export function wholeRow({ alias, relation }: NamedRelation, place: Place, location: number | undefined): Value {
  place.tracing.needsAll(relation.open, `${alias} as a whole row`, location)
  const sources = derive(mergeSources(...relation.columns.map((column) => column.sources)))
  return { sources, type: null, row: relation }
}
