import type pg from "pg"
import { splitTableName } from "#lib/contracts/operators/identifier.ts"
import { quoteTable } from "../quote-identifier.ts"

export interface FactColumn {
  name: string
  /** As SQL, from `format_type`; a domain's is that of its base type. */
  type: string
  /** The type without length or precision. */
  baseType: string
  /** `pg_type.typcategory`: N numbers, S texts, D dates and times, B booleans, E enums, A arrays, U others. */
  category: string
  /** How many different values there are, null among them, by the planner's statistics; null: not known. */
  distinct: number | null
}

/** What the catalog says of a table, as far as expectations need it. */
export interface TableFacts {
  /** `schema.name`. */
  table: string
  quoted: string
  columns: FactColumn[]
  primaryKey: string[] | null
  /** Column lists that no two rows can agree in, provided that none of their values is null. */
  uniqueKeys: string[][]
  /** As the planner's statistics have them; null where it was never analysed. */
  rows: number | null
  /** Rows have places (`ctid`): false for views and foreign tables. */
  hasPlaces: boolean
}

/** Reads the facts of a table or view; null where there is none of that name. */
export async function readTableFacts(client: pg.ClientBase, table: string): Promise<TableFacts | null> {
  const { schema, name } = splitTableName(table)
  const { rows } = await client.query<{ relkind: string; rows: number; columns: FactColumn[]; keys: UniqueKey[] }>(
    `select c.relkind, c.reltuples as rows,
            (select coalesce(json_agg(json_build_object('name', a.attname, 'category', base.typcategory,
                      'type', format_type(base.oid, case when t.typtype = 'd' then t.typtypmod else a.atttypmod end),
                      'baseType', format_type(base.oid, null),
                      'distinct', case when s.n_distinct > 0 then s.n_distinct + 1
                        when s.n_distinct < 0 and c.reltuples > 0 then 1 - s.n_distinct * c.reltuples end) order by a.attnum), '[]')
               from pg_attribute a
               join pg_type t on t.oid = a.atttypid
               join pg_type base on base.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
               left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = a.attname
                and not s.inherited
              where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
            (select coalesce(json_agg(json_build_object('isPrimary', i.indisprimary, 'columns',
                      (select json_agg(a.attname order by k.place)
                         from unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality as k (attnum, place)
                         join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum))), '[]')
               from pg_index i
              where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null
                and i.indexprs is null) as keys
       from pg_class c
       join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    [schema, name],
  )
  const [row] = rows
  if (!row) return null
  return {
    table,
    quoted: quoteTable(table),
    columns: row.columns,
    rows: row.rows > 0 ? row.rows : null,
    primaryKey: row.keys.find(({ isPrimary }) => isPrimary)?.columns ?? null,
    uniqueKeys: row.keys.map(({ columns }) => columns),
    hasPlaces: row.relkind === "r" || row.relkind === "p" || row.relkind === "m",
  }
}

interface UniqueKey {
  isPrimary: boolean
  columns: string[]
}

/** Names that suites and other tools give to types. */
const TYPE_NAMES: Record<string, readonly string[]> = {
  int: ["integer"],
  int2: ["smallint"],
  int4: ["integer"],
  int8: ["bigint"],
  int16: ["smallint"],
  int32: ["integer"],
  int64: ["bigint", "integer"],
  float: ["double precision", "real"],
  float4: ["real"],
  float8: ["double precision"],
  float32: ["real"],
  float64: ["double precision"],
  double: ["double precision"],
  double_precision: ["double precision"],
  decimal: ["numeric"],
  number: ["numeric", "integer", "bigint", "smallint", "double precision", "real"],
  bool: ["boolean"],
  varchar: ["character varying"],
  char: ["character"],
  str: ["text", "character varying", "character"],
  string: ["text", "character varying", "character"],
  object: ["text", "character varying", "character"],
  datetime: ["timestamp without time zone", "timestamp with time zone"],
  datetime64: ["timestamp without time zone", "timestamp with time zone"],
  "datetime64[ns]": ["timestamp without time zone"],
  timestamp: ["timestamp without time zone"],
  timestamptz: ["timestamp with time zone"],
  timestamp_ntz: ["timestamp without time zone"],
  time: ["time without time zone"],
  timetz: ["time with time zone"],
}

/** Whether a column is of a type by one of its names; a name without length or precision fits any. */
export function hasType(column: FactColumn, name: string): boolean {
  const wanted = name.trim().toLowerCase().replace(/\s+/g, " ")
  const [, base = wanted, length = ""] = /^([^(]+?)\s*(\([\d, ]+\))?$/.exec(wanted) ?? []
  const types = TYPE_NAMES[base] ?? [base]
  if (length === "") return types.includes(column.baseType) || wanted === column.type
  return types.some((type) => `${type}${length.replaceAll(" ", "")}` === column.type)
}
