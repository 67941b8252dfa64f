import { splitTableName } from "#lib/contracts/operators/identifier.ts"

/**
 * A name as SQL text that means exactly this name, whatever is in it. The only place that puts names into SQL.
 * (PostgreSQL documentation, 4.1.1 "Identifiers and Key Words".)
 */
export function quoteIdentifier(name: string): string {
  if (name.includes("\0")) throw new TypeError("an identifier cannot hold a NUL character")
  return `"${name.replaceAll('"', '""')}"`
}

/** `schema.name`, both parts quoted. */
export function quoteTable(table: string): string {
  const { schema, name } = splitTableName(table)
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/** Quoted names, separated by commas; `prefix` is put before each (`s.`). */
export function quoteList(names: readonly string[], prefix = ""): string {
  return names.map((name) => prefix + quoteIdentifier(name)).join(", ")
}

/**
 * A value as a string literal, for the statements that take no bound parameters (COPY, DECLARE CURSOR through COPY).
 * Everywhere else values are bound. The `E''` form makes the result independent of standard_conforming_strings.
 */
export function quoteLiteral(value: string): string {
  if (value.includes("\0")) throw new TypeError("a text value cannot hold a NUL character")
  const doubled = value.replaceAll("'", "''")
  return doubled.includes("\\") ? ` E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`
}
