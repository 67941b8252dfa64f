import { quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import type { Manifest } from "../project/manifest.ts"
import type { DeferredRelations } from "../run/node-task.ts"
import { openConnection, type SessionOptions } from "../run/open-connection.ts"

export interface DeferOptions {
  manifest: Manifest
  /** What the earlier invocation built. */
  earlier: DeferredRelations
  selected: ReadonlySet<string>
  session: SessionOptions
  /** Whether what is not selected is read from there even if it is here, too. */
  favorsState: boolean
}

/**
 * What is to be read where an earlier invocation built it (dbt's documentation, "Defer"): nodes that are not selected, that
 * were built there, and that are not in the target.
 */
export async function deferredRelations(options: DeferOptions): Promise<DeferredRelations> {
  const { manifest, earlier, selected, session, favorsState } = options
  const candidates = [...earlier].flatMap(([id, relation]) => {
    const node = manifest.nodes.get(id)
    return node && !selected.has(id) && node.relation_name !== null ? [{ id, node, relation }] : []
  })
  if (favorsState || candidates.length === 0) return new Map(candidates.map(({ id, relation }) => [id, relation]))
  const present = await presentRelations(session, new Set(candidates.map(({ node }) => node.schema)))
  return new Map(
    candidates
      .filter(({ node }) => !present.has(JSON.stringify([node.schema, node.alias])))
      .map(({ id, relation }) => [id, relation]),
  )
}

/** Schema and name, as JSON, of all that stands in some schemas. */
export async function presentRelations(options: SessionOptions, schemas: ReadonlySet<string>): Promise<Set<string>> {
  const session = await openConnection(options)
  try {
    const list = [...schemas].map(quoteLiteral).join(", ") || "null"
    const [answer] = await session.run(
      `select n.nspname, c.relname from pg_catalog.pg_class c
       join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where n.nspname in (${list}) and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
    )
    return new Set(answer!.rows.map((row) => JSON.stringify(row)))
  } finally {
    await session.close()
  }
}
