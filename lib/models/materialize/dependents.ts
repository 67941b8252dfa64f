import { quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { single } from "../adapter/catalog.ts"
import type { SyncDatabase } from "../adapter/database.ts"
import type { Relation } from "../relation/relation.ts"

export interface DependentView {
  /** Quoted, with its schema. */
  name: string
  /** Makes it anew where it stands, so that its rights stay. */
  createSql: string
}

/**
 * The views that read a relation, directly or through others, those nearest to it first. Their text names relations as they
 * are named now. A view over a materialized view is not among them: it goes with that.
 */
export function dependentViews(database: SyncDatabase, relation: Relation): DependentView[] {
  return single(
    database,
    `with recursive reader as (
       select distinct r.ev_class as oid, 1 as depth
       from pg_catalog.pg_depend d
       join pg_catalog.pg_rewrite r on r.oid = d.objid
       where d.classid = 'pg_catalog.pg_rewrite'::regclass and d.refclassid = 'pg_catalog.pg_class'::regclass
         and d.refobjid = (
           select c.oid from pg_catalog.pg_class c
           join pg_catalog.pg_namespace n on n.oid = c.relnamespace
           where n.nspname = ${quoteLiteral(relation.schema)} and c.relname = ${quoteLiteral(relation.identifier)})
         and r.ev_class <> d.refobjid
       union
       select r.ev_class, v.depth + 1
       from reader v
       join pg_catalog.pg_class c on c.oid = v.oid and c.relkind = 'v'
       join pg_catalog.pg_depend d on d.refobjid = v.oid and d.refclassid = 'pg_catalog.pg_class'::regclass
         and d.classid = 'pg_catalog.pg_rewrite'::regclass
       join pg_catalog.pg_rewrite r on r.oid = d.objid and r.ev_class <> v.oid
     )
     select c.oid::regclass::text, format('%I.%I', n.nspname, c.relname), pg_catalog.pg_get_viewdef(c.oid),
            array_to_string(c.reloptions, ', ')
     from (select oid, max(depth) as depth from reader group by oid) v
     join pg_catalog.pg_class c on c.oid = v.oid and c.relkind = 'v'
     join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     order by v.depth, c.oid`,
  ).rows.map(([, name, text, options]) => ({
    name: name!,
    createSql: `create or replace view ${name}${options ? ` with (${options})` : ""} as ${text}`,
  }))
}
