import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { Column } from "../relation/column.ts"
import { Relation, type RelationType } from "../relation/relation.ts"
import type { StatementAnswer, SyncDatabase } from "./database.ts"

/** pg_class.relkind as dbt names it; what is left out (indexes, sequences, types) is no relation to it. */
const KINDS: Readonly<Record<string, RelationType>> = {
  r: "table",
  p: "table",
  v: "view",
  m: "materialized_view",
  f: "external",
}
const KIND_LIST = Object.keys(KINDS)
  .map((kind) => `'${kind}'`)
  .join(", ")

/** The relation of that name as it is now, or null. */
export function findRelation(database: SyncDatabase, wanted: Relation): Relation | null {
  return findRelations(database, wanted, [wanted.identifier]).get(wanted.identifier)?.relation ?? null
}

export interface FoundRelation {
  relation: Relation
  isRead: boolean
}

/** The relations of these names in the schema of another, as they are now, and whether views read them. */
export function findRelations(
  database: SyncDatabase,
  beside: Relation,
  names: readonly string[],
): Map<string, FoundRelation> {
  return foundRelations(beside, single(database, relationsSql(beside, names)))
}

/** What {@link findRelations} asks. Written to be planned fast, as it is asked for each model. */
export function relationsSql({ schema }: Relation, names: readonly string[]): string {
  return `select c.relname, c.relkind, ${isReadSql("c.oid")}
     from pg_catalog.pg_class c
     where c.relnamespace = pg_catalog.to_regnamespace(${quoteLiteral(quoteIdentifier(schema ?? ""))})
       and c.relname in (${names.map(quoteLiteral).join(", ")}) and c.relkind in (${KIND_LIST})`
}

/** What the answer to {@link relationsSql} says. */
export function foundRelations(beside: Relation, { rows }: StatementAnswer): Map<string, FoundRelation> {
  return new Map(
    rows.map(([name, kind, isRead]) => {
      const relation = new Relation({ ...beside.path, identifier: name!, type: KINDS[kind!]! })
      return [name!, { relation, isRead: isRead === "t" }]
    }),
  )
}

/** Whether a view may read the relation of an OID, as an expression: where none does, it is false. */
export function isReadSql(oid: string): string {
  return `exists (
    select from pg_catalog.pg_depend d
    where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
      and d.refobjid = ${oid} and d.deptype = 'n')`
}

/** All relations of a schema, by name. */
export function readRelations(database: SyncDatabase, databaseName: string | null, schema: string): Relation[] {
  return single(
    database,
    `select c.relname, c.relkind
     from pg_catalog.pg_class c
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${quoteLiteral(schema)} and c.relkind in (${KIND_LIST})
     order by c.relname`,
  ).rows.map(
    ([identifier, kind]) =>
      new Relation({ database: databaseName, schema, identifier: identifier!, type: KINDS[kind!]! }),
  )
}

export function schemaExists(database: SyncDatabase, schema: string): boolean {
  const sql = `select 1 from pg_catalog.pg_namespace where nspname = ${quoteLiteral(schema)}`
  return single(database, sql).rows.length > 0
}

// atttypmod of a text type counts four bytes of header; of a numeric it is precision × 65536 + scale, plus those four.
const COLUMNS = `
  a.attname, pg_catalog.format_type(a.atttypid, null),
  case when a.atttypid in (1042, 1043) and a.atttypmod > 0 then a.atttypmod - 4 end,
  case when a.atttypid = 1700 and a.atttypmod > 0 then (a.atttypmod - 4) >> 16 end,
  case when a.atttypid = 1700 and a.atttypmod > 0 then (a.atttypmod - 4) & 65535 end`

/** The columns of a relation in their order; none when there is no such relation. One without a schema is a temporary one. */
export function readColumns(database: SyncDatabase, { path }: Relation): Column[] {
  const schema =
    path.schema === null ? "n.oid = pg_catalog.pg_my_temp_schema()" : `n.nspname = ${quoteLiteral(path.schema)}`
  return single(
    database,
    `select ${COLUMNS}
     from pg_catalog.pg_attribute a
     join pg_catalog.pg_class c on c.oid = a.attrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where ${schema} and c.relname = ${quoteLiteral(path.identifier ?? "")} and a.attnum > 0 and not a.attisdropped
     order by a.attnum`,
  ).rows.map(toColumn)
}

/** The columns that a query would give, without running it. */
export function columnsOfQuery(database: SyncDatabase, sql: string): Column[] {
  const { fields } = single(database, `select * from (\n${sql}\n) as __dbt_sbq where false limit 0`)
  if (fields.length === 0) return []
  const list = fields.map(({ name, oid, modifier }, place) => `(${place}, ${quoteLiteral(name)}, ${oid}, ${modifier})`)
  return single(
    database,
    `select ${COLUMNS} from (values ${list.join(", ")}) as a (place, attname, atttypid, atttypmod) order by a.place`,
  ).rows.map(toColumn)
}

function toColumn([name, type, charSize, precision, scale]: readonly (string | null)[]): Column {
  const int = (text: string | null | undefined) => (text == null ? null : Number(text))
  return new Column({ name: name!, type: type!, charSize: int(charSize), precision: int(precision), scale: int(scale) })
}

/** The answer of the last statement. */
export function single(database: SyncDatabase, sql: string): StatementAnswer {
  return database.run(sql).at(-1)!
}
