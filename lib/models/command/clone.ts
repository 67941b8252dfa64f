import { quoteIdentifier, quoteLiteral } from "../../engines/postgres/quote-identifier.ts"
import { adapterResponse } from "../adapter/adapter-response.ts"
import type { Manifest } from "../project/manifest.ts"
import type { ParsedNode } from "../project/node.ts"
import type { DeferredRelations } from "../run/node-task.ts"
import { describeSqlError, openConnection, type SessionOptions, type WarehouseSession } from "../run/open-connection.ts"
import type { NodeResult, RunListener } from "../run/run-project.ts"
import { mapConcurrently } from "./map-concurrently.ts"

export interface CloneOptions {
  manifest: Manifest
  /** What the earlier invocation built. */
  earlier: DeferredRelations
  selected: ReadonlySet<string>
  session: SessionOptions
  threads: number
  /** Replaces what stands in the target. */
  isFullRefresh: boolean
  listener?: RunListener
}

type EarlierRelation = DeferredRelations extends ReadonlyMap<string, infer Relation> ? Relation : never
type Clonable = ParsedNode & { relation_name: string }
type CloneOutcome = Partial<NodeResult> & Pick<NodeResult, "status" | "message">

/**
 * Makes each selected node a view of what an earlier invocation built (dbt's documentation, "clone"): PostgreSQL has no copies
 * that cost nothing. What stands in the target already is left alone.
 */
export async function cloneRelations(options: CloneOptions): Promise<NodeResult[]> {
  const { manifest, selected, session: sessionOptions, threads, listener } = options
  const nodes = [...selected].flatMap((id) => {
    const node = manifest.nodes.get(id)
    return node && node.relation_name !== null ? [node as Clonable] : []
  })
  const sessions: WarehouseSession[] = []
  try {
    if (nodes.length === 0) return []
    sessions[0] = await openConnection(sessionOptions)
    await createSchemas(sessions[0], new Set(nodes.map(({ schema }) => schema)))
    let [started, ended] = [0, 0]
    return await mapConcurrently(nodes, threads, async (node, worker) => {
      listener?.onStart?.(node, ++started, nodes.length)
      sessions[worker] ??= await openConnection(sessionOptions)
      const result = await timed(node, `Thread-${worker + 1} (worker)`, () => clone(sessions[worker]!, node, options))
      listener?.onEnd?.(result, ++ended, nodes.length)
      return result
    })
  } finally {
    await Promise.all(sessions.map((session) => session.close().catch(() => undefined)))
  }
}

async function clone(
  session: WarehouseSession,
  node: Clonable,
  { earlier, isFullRefresh }: CloneOptions,
): Promise<CloneOutcome> {
  const origin = earlier.get(node.unique_id)
  if (!origin) return { status: "no-op", message: `The state has no ${node.name}` }
  if (origin.schema === node.schema && origin.identifier === node.alias) {
    return { status: "no-op", message: `${node.relation_name} is the state's own` }
  }
  const existing = await kindOf(session, node)
  if (existing !== null && !isFullRefresh) {
    return { status: "no-op", message: `${node.relation_name} is there already` }
  }
  const drop = existing === null ? "" : `drop ${existing} ${node.relation_name};\n`
  // Several statements in one text are one transaction.
  const sql = `${drop}create view ${node.relation_name} as select * from ${nameOf(origin)}`
  try {
    const response = adapterResponse((await session.run(sql)).at(-1)!)
    const adapterPlain = response.toPlain() as Record<string, unknown>
    return { status: "success", message: response.message, adapterResponse: adapterPlain, executedCode: sql }
  } catch (error) {
    const { message, sqlState } = describeSqlError(error)
    const place = { file: node.original_file_path, line: null, compiledLine: null }
    return { status: "error", message, error: { message, sqlState, kind: "database", ...place } }
  }
}

const nameOf = ({ schema, identifier }: EarlierRelation): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(identifier)}`

/** `view`, `table` …, as `drop` takes it; null where there is nothing of that name. */
async function kindOf(session: WarehouseSession, { schema, alias }: Clonable): Promise<string | null> {
  const [answer] = await session.run(
    `select case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'table' end
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = ${quoteLiteral(schema)} and c.relname = ${quoteLiteral(alias)} and c.relkind in ('r', 'p', 'v', 'm', 'f')`,
  )
  return answer!.rows[0]?.[0] ?? null
}

async function createSchemas(session: WarehouseSession, schemas: ReadonlySet<string>): Promise<void> {
  const list = [...schemas].map(quoteLiteral).join(", ")
  const [answer] = await session.run(`select nspname from pg_catalog.pg_namespace where nspname in (${list})`)
  const present = new Set(answer!.rows.map(([name]) => name))
  for (const name of schemas) {
    if (!present.has(name)) await session.run(`create schema if not exists ${quoteIdentifier(name)}`)
  }
}

async function timed(node: ParsedNode, threadId: string, work: () => Promise<CloneOutcome>): Promise<NodeResult> {
  const startedAt = new Date()
  const begin = performance.now()
  const outcome = await work()
  const completedAt = new Date()
  return {
    node,
    failures: null,
    compiledCode: null,
    executedCode: null,
    adapterResponse: {},
    relationName: node.relation_name,
    timing: [{ name: "execute", startedAt: startedAt.toISOString(), completedAt: completedAt.toISOString() }],
    error: null,
    warnings: [],
    threadId,
    preview: null,
    startedAt,
    executionTime: (performance.now() - begin) / 1000,
    ...outcome,
  }
}
