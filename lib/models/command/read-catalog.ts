import { quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode, SourceNode } from "../project/node.ts"
import { openConnection, type SessionOptions } from "../run/open-connection.ts"

export interface CatalogColumn {
  name: string
  type: string
  /** From 1; gaps where columns were dropped. */
  index: number
  comment: string | null
}

/** A relation that a project builds or reads, as it is in the database. */
export interface CatalogTable {
  uniqueId: string
  isSource: boolean
  database: string
  schema: string
  name: string
  type: string
  owner: string
  comment: string | null
  columns: CatalogColumn[]
}

/** What the database has of the models, seeds, snapshots and sources of a project; of those in `only`, where it is given. */
export async function readCatalog(
  manifest: Manifest,
  options: SessionOptions,
  only: ReadonlySet<string> | null,
): Promise<CatalogTable[]> {
  const wanted = wantedRelations(manifest, only)
  if (wanted.size === 0) return []
  const schemas = new Set([...wanted.keys()].map((key) => (JSON.parse(key) as [string, string])[0]))
  const session = await openConnection(options)
  try {
    const [answer] = await session.run(catalogSql(schemas))
    const tables = new Map<string, CatalogTable>()
    for (const row of answer!.rows) {
      const [schema, name, database, type, owner, comment, column, columnType, index, columnComment] = row
      const key = keyOf(schema!, name!)
      for (const { id, isSource } of wanted.get(key) ?? []) {
        let table = tables.get(id)
        if (!table) {
          const found = { database: database!, schema: schema!, name: name!, type: type!, owner: owner! }
          table = { uniqueId: id, isSource, ...found, comment: comment ?? null, columns: [] }
          tables.set(id, table)
        }
        table.columns.push({
          name: column!,
          type: columnType!,
          index: Number(index),
          comment: columnComment ?? null,
        })
      }
    }
    return [...tables.values()]
  } finally {
    await session.close()
  }
}

type Wanted = Map<string, { id: string; isSource: boolean }[]>

/** As dbt, without regard to capitals. */
const keyOf = (schema: string, name: string): string => JSON.stringify([schema.toLowerCase(), name.toLowerCase()])

function wantedRelations({ nodes, sources }: Manifest, only: ReadonlySet<string> | null): Wanted {
  const wanted: Wanted = new Map()
  const add = (node: ParsedNode | SourceNode, name: string): void => {
    if (only && !only.has(node.unique_id)) return
    const key = keyOf(node.schema, name)
    const entry = { id: node.unique_id, isSource: node.resource_type === "source" }
    const known = wanted.get(key)
    if (known) known.push(entry)
    else wanted.set(key, [entry])
  }
  for (const node of nodes.values()) {
    const isBuilt = ["model", "seed", "snapshot"].includes(node.resource_type)
    if (isBuilt && node.relation_name !== null) add(node, node.alias)
  }
  for (const source of sources.values()) add(source, source.identifier)
  return wanted
}

function catalogSql(schemas: ReadonlySet<string>): string {
  const list = [...schemas].map(quoteLiteral).join(", ")
  return `
select
    n.nspname, c.relname, current_database(),
    case c.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end,
    pg_catalog.pg_get_userbyid(c.relowner),
    pg_catalog.obj_description(c.oid, 'pg_class'),
    a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnum,
    pg_catalog.col_description(c.oid, a.attnum)
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where lower(n.nspname) in (${list}) and c.relkind in ('r', 'p', 'v', 'm', 'f') and c.relpersistence in ('p', 'u')
order by n.nspname, c.relname, a.attnum`
}
