import { createHash } from "node:crypto"
import pg from "pg"
import { splitTableName } from "#lib/contracts/operators/identifier.ts"
import { quoteIdentifier, quoteTable } from "./quote-identifier.ts"
import { SQL_STATE } from "./sql-state.ts"

/** A column as the catalog has it. */
export interface Column {
  name: string
  /** Full type as SQL, from `format_type`: safe to put into a statement. */
  type: string
  /** Type to move the column as: itself when built in, a domain's base type, else `text` (enums, extension types). */
  portableType: string
  notNull: boolean
}

/** Columns of a table, view or foreign table, in order; null where there is none of that name (or no right to see it). */
export async function readColumns(client: pg.ClientBase, table: string): Promise<Column[] | null> {
  const { schema, name } = splitTableName(table)
  const { rows } = await client.query<Column & { name: string | null }>(
    // Types made by initdb have oids below 16384 and mean the same on every server; but reg… types are numbers of local
    // objects, and some types have no binary form.
    `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull",
            case when base.oid < 16384 and base.typtype = 'b' and base.typname !~ '^_?reg' and base.typsend <> 0
               and element.typtype is distinct from 'c'
              then format_type(base.oid, case when t.typtype = 'd' then t.typtypmod else a.atttypmod end)
              else 'text' end as "portableType"
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
       left join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       left join pg_type t on t.oid = a.atttypid
       left join pg_type base on base.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
       left join pg_type element on element.oid = base.typelem
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')
      order by a.attnum`,
    [schema, name],
  )
  if (rows.length === 0) return null
  return rows.filter((row) => row.name !== null)
}

/**
 * True when a unique constraint or index that holds for every row lies within `columns`, so that no two rows of the
 * table can agree in all of them.
 */
export async function isUniqueOn(client: pg.ClientBase, table: string, columns: readonly string[]): Promise<boolean> {
  const { schema, name } = splitTableName(table)
  const { rows } = await client.query(
    `select 1
       from pg_index i
       join pg_class c on c.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and i.indisunique and i.indisvalid
        and i.indpred is null and i.indexprs is null
        and not exists (
          select from unnest(i.indkey[0:i.indnkeyatts - 1]) as k(attnum)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
           where a.attname <> all ($3) or not (a.attnotnull or i.indnullsnotdistinct))
      limit 1`,
    [schema, name, columns],
  )
  return rows.length > 0
}

/** True when an index starts with exactly these columns in any order, so that rows of one key are found without a scan. */
export async function hasIndexOn(client: pg.ClientBase, table: string, columns: readonly string[]): Promise<boolean> {
  const { schema, name } = splitTableName(table)
  const { rows } = await client.query(
    `select 1
       from pg_index i
       join pg_class c on c.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and i.indisvalid and i.indpred is null
        and (select array_agg(a.attname::text)
               from unnest(i.indkey[0:$4 - 1]) as k(attnum)
               join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum) @> $3::text[]
      limit 1`,
    [schema, name, columns, columns.length],
  )
  return rows.length > 0
}

/**
 * Makes the schema of a table where it is missing, inside a transaction; safe for several processes. CREATE SCHEMA IF NOT
 * EXISTS fails for the loser of a race, also behind an advisory lock: waiting for one does not refresh the session's
 * memory of which names there are.
 */
export async function ensureSchema(client: pg.ClientBase, table: string): Promise<void> {
  const { schema } = splitTableName(table)
  const { rows } = await client.query("select 1 from pg_namespace where nspname = $1", [schema])
  if (rows.length > 0) return
  await client.query("savepoint headrace_schema")
  try {
    await client.query(`create schema if not exists ${quoteIdentifier(schema)}`)
  } catch (error) {
    const lost: string[] = [SQL_STATE.uniqueViolation, SQL_STATE.duplicateSchema]
    if (!(error instanceof pg.DatabaseError) || !lost.includes(error.code ?? "")) throw error
    await client.query("rollback to headrace_schema")
  }
}

/**
 * Lets one transaction at a time make a table, until it ends: the loser of a race finds the winner's table, where
 * CREATE TABLE IF NOT EXISTS alone would fail on a unique key of the catalog. Ask for it only when the table is missing.
 */
export async function lockCreation(client: pg.ClientBase, table: string): Promise<void> {
  await client.query("select pg_advisory_xact_lock(hashtextextended('headrace:create-table:' || $1, 0))", [table])
}

/** Column definitions for CREATE TABLE. */
export function columnDefinitions(columns: readonly { name: string; type: string; notNull?: boolean }[]): string {
  return columns
    .map((column) => `${quoteIdentifier(column.name)} ${column.type}${column.notNull ? " not null" : ""}`)
    .join(", ")
}

/** The type `text` names, spelled by the catalog so that it is safe inside a statement; null where there is none. */
export async function resolveType(client: pg.ClientBase, text: string): Promise<string | null> {
  const { rows } = await client.query<{ type: string | null }>(
    "select format_type(to_regtype($1), to_regtypemod($1)) as type",
    [text],
  )
  const type = rows[0]?.type
  return !type || type === "-" || type === "???" ? null : type
}

/** Rows of a table by an exact count where that is cheap, else null: a count must not cost more than the load. */
export async function countIfSmall(client: pg.ClientBase, table: string): Promise<number | null> {
  const { schema, name } = splitTableName(table)
  const { rows } = await client.query<{ bytes: string }>(
    `select pg_table_size(c.oid) as bytes
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'm')`,
    [schema, name],
  )
  if (!rows[0] || Number(rows[0].bytes) > MAX_COUNTED_BYTES) return null
  const counted = await client.query<{ count: string }>(`select count(*) as count from ${quoteTable(table)}`)
  return Number(counted.rows[0]!.count)
}

/** Counting reads about 1 GB/s from cache: some 60 ms. */
const MAX_COUNTED_BYTES = 64 * 1024 * 1024

/** Equal for equal names and types in equal order: tells a changed schema from an unchanged one. */
export function schemaHash(columns: readonly { name: string; type: string }[]): string {
  const text = JSON.stringify(columns.map(({ name, type }) => [name, type]))
  return createHash("sha256").update(text).digest("hex").slice(0, 16)
}

/** Columns of a table's primary key, in its order; none without one. */
export async function readPrimaryKey(client: pg.ClientBase, table: string): Promise<string[]> {
  const { schema, name } = splitTableName(table)
  const { rows } = await client.query<{ name: string }>(
    `select a.attname as name
       from pg_index i
       join pg_class c on c.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace
      cross join lateral unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, place)
       join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
      where n.nspname = $1 and c.relname = $2 and i.indisprimary
      order by k.place`,
    [schema, name],
  )
  return rows.map((row) => row.name)
}
