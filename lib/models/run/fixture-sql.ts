import { didYouMean } from "../../domain/closest.ts"
import { AppError } from "../../domain/errors.ts"
import { quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import type { UnitTestFixture } from "../project/node.ts"
import type { Column } from "../relation/column.ts"

/** A query that gives the rows of a fixture with the types of `columns`; those that a row leaves out are null. */
export function fixtureSql(fixture: UnitTestFixture, columns: readonly Column[], what: string): string {
  if (fixture.format === "sql") return String(fixture.rows)
  const rows = rowsOf(fixture, columns, what)
  const select = (row: ReadonlyMap<string, unknown>) =>
    `select ${columns.map((column) => `${literal(row.get(column.name))} as ${column.quoted}`).join(", ")}`
  const literal = (value: unknown) =>
    value === null || value === undefined ? "null" : quoteLiteral(textOf(value)).trim()
  // The first row says what the types are.
  const types = columns.map(({ name, dataType, quoted }) => ({ name, cast: `::${dataType} as ${quoted}` }))
  const first = (row: ReadonlyMap<string, unknown>) =>
    `select ${types.map(({ name, cast }) => literal(row.get(name)) + cast).join(", ")}`
  if (rows.length === 0) return `${first(new Map())} where false`
  return rows.map((row, index) => (index === 0 ? first(row) : select(row))).join("\nunion all ")
}

/** The columns that rows name, in the order of `columns`. */
export function namedColumns(fixture: UnitTestFixture, columns: readonly Column[], what: string): Column[] {
  const names = new Set(rowsOf(fixture, columns, what).flatMap((row) => [...row.keys()]))
  return names.size === 0 ? [...columns] : columns.filter(({ name }) => names.has(name))
}

/** Values by the names that columns really have. @throws AppError for a name that no column has. */
function rowsOf({ rows }: UnitTestFixture, columns: readonly Column[], what: string): Map<string, unknown>[] {
  const known = new Map(columns.map(({ name }) => [name.toLowerCase(), name]))
  for (const { name } of columns) known.set(name, name)
  return (rows as Record<string, unknown>[]).map(
    (row) =>
      new Map(
        Object.entries(row).map(([name, value]) => {
          const column = known.get(name) ?? known.get(name.toLowerCase())
          if (column !== undefined) return [column, value]
          const names = columns.map((each) => each.name)
          const message = `${what} has a column "${name}" that is not there${didYouMean(name, names)} There are ${names.join(", ")}.`
          throw new AppError("model.invalid", message, { kind: "config" })
        }),
      ),
  )
}

function textOf(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value)
}
