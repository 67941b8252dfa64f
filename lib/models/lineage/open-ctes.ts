import type { CommonTableExpr, SelectStmt, WithClause } from "libpg-query"
import { stringsOf } from "./node-names.ts"
import type { Column, Relation } from "./relation.ts"
import { anonymise, derive, mergeSources, type Sources } from "./sources.ts"
import { renameColumns } from "./trace-from.ts"
import type { CteScope, Surroundings, Tracing } from "./tracing.ts"

/**
 * Puts the expressions of a WITH clause in front of those already there. A plain one sees those before it, so its own name
 * still means what is outside; under RECURSIVE each sees all, itself included.
 */
export function openCtes(clause: WithClause, around: Surroundings, tracing: Tracing): CteScope | null {
  const expressions = (clause.ctes ?? []).flatMap((node) => ("CommonTableExpr" in node ? [node.CommonTableExpr] : []))
  if (clause.recursive) {
    const own: CteScope = { outer: around.ctes, byName: new Map() }
    for (const cte of expressions) own.byName.set(cte.ctename!, traceRecursive(cte, { ...around, ctes: own }, tracing))
    tracing.later.push(...own.byName.values())
    return own
  }
  let scope = around.ctes
  for (const cte of expressions) {
    const seen: Surroundings = { ...around, ctes: scope }
    const trace = once(() => withNames(tracing.traceQuery(cte.ctequery!, seen), cte, tracing))
    tracing.later.push(trace)
    scope = { outer: scope, byName: new Map([[cte.ctename!, trace]]) }
  }
  return scope
}

function once(trace: () => Relation): () => Relation {
  let relation: Relation | null = null
  return () => {
    relation ??= trace()
    return relation
  }
}

function withNames(relation: Relation, { aliascolnames }: CommonTableExpr, tracing: Tracing): Relation {
  return renameColumns(relation, stringsOf(aliascolnames), tracing)
}

/**
 * The part before UNION says which columns there are. Then the whole is traced again and again, with what it gave the time
 * before in place of itself, until no column gains a source: each round carries sources one column further.
 */
function traceRecursive(cte: CommonTableExpr, around: Surroundings, tracing: Tracing): () => Relation {
  let state: "new" | "open" | "done" = "new"
  let current: Relation | null = null
  const step = (query: CommonTableExpr["ctequery"], inside: Surroundings) =>
    withCycleColumns(withNames(tracing.traceQuery(query!, inside), cte, tracing), cte)
  return () => {
    if (state === "done") return current!
    if (state === "open") return current ?? unfollowed(cte, tracing)
    state = "open"
    const select = cte.ctequery && "SelectStmt" in cte.ctequery ? cte.ctequery.SelectStmt : null
    if (select?.larg) current = step({ SelectStmt: select.larg }, beforeUnion(select, around, tracing))
    for (let round = 0; round <= MAX_ROUNDS; round++) {
      const next = step(cte.ctequery, around)
      const isStable = current !== null && sameSources(current, next)
      current = next
      if (isStable || !select?.larg) break
    }
    state = "done"
    return current!
  }
}

/** More than any query has columns that hand a value on one by one. */
const MAX_ROUNDS = 100

function beforeUnion(select: SelectStmt, around: Surroundings, tracing: Tracing): Surroundings {
  return select.withClause ? { ...around, ctes: openCtes(select.withClause, around, tracing) } : around
}

function unfollowed({ ctename, location }: CommonTableExpr, tracing: Tracing): Relation {
  const message = `${ctename} refers to itself in a way that cannot be followed: before UNION, or through another expression.`
  tracing.gap("unsupported", ctename ?? "", message, location)
  return { columns: [], open: [], rows: null }
}

/** SEARCH and CYCLE add columns of their own. */
function withCycleColumns(relation: Relation, { search_clause, cycle_clause }: CommonTableExpr): Relation {
  if (!search_clause && !cycle_clause) return relation
  const of = (names: string[]) =>
    mergeSources(...relation.columns.filter(({ name }) => names.includes(name)).map(({ sources }) => sources))
  const added: Column[] = []
  const add = (name: string | undefined, sources: Sources) => {
    if (name && !relation.columns.some((column) => column.name === name)) {
      added.push({ name, sources: derive(sources), viaStar: [], type: null })
    }
  }
  add(search_clause?.search_seq_column, of(stringsOf(search_clause?.search_col_list)))
  const cycle = of(stringsOf(cycle_clause?.cycle_col_list))
  add(cycle_clause?.cycle_mark_column, anonymise(cycle, "cycle"))
  add(cycle_clause?.cycle_path_column, cycle)
  return { ...relation, columns: [...relation.columns, ...added] }
}

function sameSources(one: Relation, other: Relation): boolean {
  return one.columns.every(({ sources }, index) => {
    const others = other.columns[index]?.sources
    if (others?.size !== sources.size) return false
    return [...sources].every(([column, trace]) => {
      const known = others.get(column)
      return known?.influence === trace.influence && known.anonymisedBy === trace.anonymisedBy
    })
  })
}
