import { z } from "zod"
import type { Json } from "../json.ts"
import { asReference } from "../references.ts"
import { isIdentifier } from "./identifier.ts"

/** A column, exactly as the catalog spells it (case included). */
export const columnNameSchema = z.string().refine(isIdentifier, "a column is named by 1 to 63 bytes")

/** A table as `schema.name`, exactly as the catalog spells it; neither part may contain a dot. */
export const tableNameSchema = z
  .string()
  .refine(
    (name) => name.split(".").length === 2 && name.split(".").every(isIdentifier),
    'a table is named "schema.name", each part 1 to 63 bytes',
  )

/** Columns of a table that a load fills and their Postgres types, in order: `{ id: "bigint", total: "numeric(12,2)" }`. */
export const targetColumnsSchema = z
  .record(columnNameSchema, z.string().min(1))
  .refine((columns) => Object.keys(columns).length > 0, "name the target's columns")

type Columns = z.output<typeof targetColumnsSchema>

/** The same, also as a version keeps them where their order counts: {@link toStoredColumns}. */
export const orderedColumnsSchema: z.ZodType<Columns, Columns> = z.preprocess((columns) => {
  const isStored = Array.isArray(columns) && columns.every((column) => Array.isArray(column) && column.length === 2)
  return isStored ? Object.fromEntries(columns) : columns
}, targetColumnsSchema) as z.ZodType<Columns, Columns>

/** Columns as pairs: Postgres sorts the keys of objects that it stores. A reference stays one. */
export function toStoredColumns(columns: Json): Json {
  if (typeof columns !== "object" || columns === null || asReference(columns)) return columns
  return Object.entries(columns)
}

/** A connection as `HEADRACE_CONNECTION_<NAME>` declares it, in lower case. */
export const connectionNameSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,62}$/, "a connection is named by lower-case letters, digits and underscores")

/**
 * Dataset ids `connection.schema.name` of the tables that are written out. References that stand for a name are left
 * out: what they will be is known only when the task runs.
 */
export function datasetIds(connection: unknown, tables: unknown): string[] {
  if (typeof connection !== "string") return []
  const list = Array.isArray(tables) ? tables : [tables]
  return [...new Set(list.filter((table) => typeof table === "string").map((table) => `${connection}.${table}`))]
}
