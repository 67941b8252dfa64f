import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { single } from "../adapter/catalog.ts"
import type { SyncDatabase } from "../adapter/database.ts"
import type { Relation } from "../relation/relation.ts"
import { suffixedName } from "../relation/suffixed-name.ts"

export interface Dependent {
  kind: "view" | "materialized view"
  /** Quoted, with its schema. */
  name: string
  /** Changes nothing, but keeps others from reading it until the transaction ends. */
  lock: string
  /** Makes it read what its text names by then, in its place, with its rights, indexes and comments. */
  rebind: string
  /** Drops what `rebind` put aside, as what it reads may stay. */
  clear: string | null
  /** Makes it anew, as it was, after it was dropped. */
  recreate: string
}

/** Whether any view reads a relation. */
export function hasDependents(database: SyncDatabase, relation: Relation): boolean {
  return single(database, `${directReaders(relation)} limit 1`).rows.length > 0
}

/**
 * The views and materialized views that read a relation, directly or through others, those nearest to it first. Their text
 * names relations as they are named now.
 */
export function dependents(database: SyncDatabase, relation: Relation): Dependent[] {
  return single(database, readersOf(relation)).rows.map(([oid, schema, name, kind, text, options, owner]) => {
    const quoted = `${quoteIdentifier(schema!)}.${quoteIdentifier(name!)}`
    const settings = options ? ` with (${options})` : ""
    const query = `${quoted}${settings} as ${text!.replace(/;\s*$/, "")}`
    const type = kind === "v" ? "view" : "materialized view"
    const attached = single(database, attachmentsOf(Number(oid), quoted, type)).rows
    const recreate = [`create ${type} ${query}`, ...attached.map(([, sql]) => sql!)].join(";\n")
    // LOCK would take along all that a view reads.
    const lock = `alter ${type} ${quoted} owner to ${quoteIdentifier(owner!)}`
    // A view that is replaced stays the relation that it is, with all that hangs on it.
    if (type === "view")
      return { kind: type, name: quoted, lock, rebind: `create or replace view ${query}`, clear: null, recreate }
    const indexes = attached.flatMap(([index]) =>
      index === null ? [] : [`drop index ${quoteIdentifier(schema!)}.${quoteIdentifier(index!)}`],
    )
    const aside = quoteIdentifier(suffixedName(name!, "__dbt_backup"))
    return {
      kind: type,
      name: quoted,
      lock,
      rebind: [...indexes, `alter materialized view ${quoted} rename to ${aside}`, recreate].join(";\n"),
      clear: `drop materialized view if exists ${quoteIdentifier(schema!)}.${aside} cascade`,
      recreate,
    }
  })
}

function directReaders({ schema, identifier }: Relation): string {
  return `
      select distinct r.ev_class as oid, 1 as depth
      from pg_catalog.pg_depend d
      join pg_catalog.pg_rewrite r on r.oid = d.objid
      where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
        and d.refobjid = (
          select c.oid from pg_catalog.pg_class c
          join pg_catalog.pg_namespace n on n.oid = c.relnamespace
          where n.nspname = ${quoteLiteral(schema)} and c.relname = ${quoteLiteral(identifier)})
        and r.ev_class <> d.refobjid`
}

function readersOf(relation: Relation): string {
  return `
    with recursive reader as (${directReaders(relation)}
      union
      select r.ev_class, v.depth + 1
      from reader v
      join pg_catalog.pg_depend d on d.refobjid = v.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
        and d.classid = 'pg_catalog.pg_rewrite'::regclass
      join pg_catalog.pg_rewrite r on r.oid = d.objid and r.ev_class <> v.oid
    )
    select c.oid, n.nspname, c.relname, c.relkind, pg_catalog.pg_get_viewdef(c.oid), array_to_string(c.reloptions, ', '),
           pg_catalog.pg_get_userbyid(c.relowner)
    from (select oid, max(depth) as depth from reader group by oid) v
    join pg_catalog.pg_class c on c.oid = v.oid and c.relkind in ('v', 'm')
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    order by v.depth, c.oid`
}

/** What hangs on a view and goes with it, as statements: indexes (with their names), owner, rights, comments. */
function attachmentsOf(oid: number, name: string, type: Dependent["kind"]): string {
  const target = quoteLiteral(name)
  return `
    select c.relname, pg_catalog.pg_get_indexdef(c.oid)
    from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid
    where i.indrelid = ${oid}
    union all
    select null, format('alter ${type} %s owner to %I', ${target}, pg_catalog.pg_get_userbyid(relowner))
    from pg_catalog.pg_class where oid = ${oid} and pg_catalog.pg_get_userbyid(relowner) <> current_user
    union all
    select null, format('grant %s on %s to %s%s', a.privilege_type, ${target},
                        case when a.grantee = 0 then 'public' else quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) end,
                        case when a.is_grantable then ' with grant option' else '' end)
    from pg_catalog.pg_class c, pg_catalog.aclexplode(c.relacl) a
    where c.oid = ${oid} and a.grantee <> c.relowner
    union all
    select null, case when d.objsubid = 0 then format('comment on ${type} %s is %L', ${target}, d.description)
                 else format('comment on column %s.%I is %L', ${target}, a.attname, d.description) end
    from pg_catalog.pg_description d
    left join pg_catalog.pg_attribute a on a.attrelid = d.objoid and a.attnum = d.objsubid
    where d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = ${oid}`
}
