import { quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue, toArray } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import type { Relation } from "../relation/relation.ts"
import { single } from "./catalog.ts"
import type { SyncDatabase } from "./database.ts"

export interface IndexOfRelation {
  /** Quoted, with its schema. */
  name: string
  /** What two indexes have in common that are the same but for their names. */
  key: string
}

/** The indexes of a relation that no constraint needs. */
export function readIndexes(database: SyncDatabase, relation: Relation): IndexOfRelation[] {
  return single(
    database,
    `select format('%I.%I', n.nspname, c.relname), i.indisunique, m.amname,
            array_to_json(array(select pg_catalog.pg_get_indexdef(i.indexrelid, place, false)
                                from generate_series(1, i.indnkeyatts) place))
     from pg_catalog.pg_index i
     join pg_catalog.pg_class c on c.oid = i.indexrelid
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join pg_catalog.pg_am m on m.oid = c.relam
     where i.indrelid = ${quoteLiteral(relation.render())}::regclass
       and not exists (select from pg_catalog.pg_constraint where conindid = i.indexrelid)
     order by c.relname`,
  ).rows.map(([name, isUnique, method, columns]) => {
    const names = (JSON.parse(columns!) as string[]).map((column) =>
      column.replace(/^"(.*)"$/s, "$1").replaceAll('""', '"'),
    )
    return { name: name!, key: keyOf(names, isUnique === "t", method!) }
  })
}

/** The key of an entry of the config's `indexes`. */
export function indexKey(index: Value): string {
  const get = (name: string) => (index instanceof Dict ? (index.get(name) ?? null) : null)
  const type = get("type")
  const columns = toArray(get("columns") ?? []).map((column) => toText(column))
  return keyOf(columns, isTrue(get("unique") ?? false), type === null ? "btree" : toText(type))
}

function keyOf(columns: readonly string[], isUnique: boolean, method: string): string {
  return JSON.stringify([columns, isUnique, method.toLowerCase()])
}
