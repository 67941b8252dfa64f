import type {
  DeleteStmt,
  InsertStmt,
  MergeStmt,
  MergeWhenClause,
  Node,
  OnConflictClause,
  RangeVar,
  ResTarget,
  ReturningClause,
  UpdateStmt,
  WithClause,
} from "libpg-query"
import { openCtes } from "./open-ctes.ts"
import { asVisible, besides, type Column, type Relation, type Visible } from "./relation.ts"
import { RowInfluences } from "./row-influences.ts"
import { derive, mergeSources, NO_SOURCES, type Sources } from "./sources.ts"
import { traceExpression } from "./trace-expression.ts"
import { traceFrom } from "./trace-from.ts"
import { traceTargets } from "./trace-targets.ts"
import type { CteScope, Place, Surroundings, Tracing } from "./tracing.ts"

/** What a data change writes. */
export interface Change {
  kind: "insert" | "update" | "delete" | "merge"
  target: string
  /** The target's columns that get values from it, in the order of the statement. */
  written: Map<string, Sources>
  rows: RowInfluences
  returning: Relation | null
}

/** Traces INSERT, UPDATE, DELETE and MERGE; null for other statements. */
export function traceChange(node: Node, around: Surroundings, tracing: Tracing): Change | null {
  if ("InsertStmt" in node) return traceInsert(node.InsertStmt, around, tracing)
  if ("UpdateStmt" in node) return traceUpdate(node.UpdateStmt, around, tracing)
  if ("DeleteStmt" in node) return traceDelete(node.DeleteStmt, around, tracing)
  if ("MergeStmt" in node) return traceMerge(node.MergeStmt, around, tracing)
  return null
}

/** A change under way: where its expressions stand and what they write. */
interface Work {
  range: RangeVar
  id: string
  target: Relation
  place: Place
  written: Map<string, Sources>
}

function begin(
  { relation, withClause }: { relation?: RangeVar; withClause?: WithClause },
  around: Surroundings,
  tracing: Tracing,
): Work {
  const ctes = withClause ? openCtes(withClause, around, tracing) : around.ctes
  const { id, relation: target } = tracing.target(relation!)
  const visible = targetVisible(relation!, target)
  const place: Place = { tracing, ctes, scope: { ...visible, outer: around.scope }, rows: new RowInfluences() }
  return { range: relation!, id, target, place, written: new Map() }
}

function targetVisible(range: RangeVar, target: Relation): Visible {
  const schema = range.alias ? null : (range.schemaname ?? null)
  return asVisible(range.alias?.aliasname ?? range.relname!, schema, target)
}

/** Adds FROM or USING to what the expressions of a change see. */
function withFrom(work: Work, items: readonly Node[] | undefined, ctes: CteScope | null): Work {
  const { tracing, scope, rows } = work.place
  const visible = besides(scope, traceFrom(items, { ctes, scope: scope.outer }, tracing, rows))
  return { ...work, place: { ...work.place, scope: { ...visible, outer: scope.outer } } }
}

function end(kind: Change["kind"], work: Work, returning: ReturningClause | undefined): Change {
  const { id, written, place } = work
  return { kind, target: id, written, rows: place.rows, returning: returning ? traceReturning(returning, work) : null }
}

function write(work: Work, column: string, sources: Sources): void {
  work.written.set(column, mergeSources(work.written.get(column) ?? NO_SOURCES, sources))
}

function traceInsert(insert: InsertStmt, around: Surroundings, tracing: Tracing): Change {
  const work = begin(insert, around, tracing)
  const { place } = work
  if (insert.selectStmt) {
    const source = tracing.traceQuery(insert.selectStmt, { ctes: place.ctes, scope: around.scope })
    if (source.rows) place.rows.addAll(source.rows)
    tracing.needsAll(source.open, "an insert, which goes by position,")
    const names = insertedNames(insert.cols, work)
    for (const [index, { sources, viaStar }] of source.columns.entries()) {
      tracing.mention(viaStar)
      if (names[index] !== undefined) write(work, names[index], sources)
    }
  }
  if (insert.onConflictClause) traceConflict(insert.onConflictClause, work)
  return end("insert", work, insert.returningClause)
}

/** Without a list the columns of the target in their order, as far as there are values. */
function insertedNames(cols: readonly Node[] | undefined, { target, place }: Work): string[] {
  const listed = (cols ?? []).flatMap((node) => ("ResTarget" in node ? [node.ResTarget.name ?? ""] : []))
  if (listed.length > 0) return listed
  place.tracing.needsAll(target.open, "an insert without a list of columns")
  return target.columns.map(({ name }) => name)
}

function traceConflict({ infer, targetList, whereClause }: OnConflictClause, work: Work): void {
  const { place, target, written } = work
  const excluded = writtenRelation(target, written)
  for (const node of infer?.indexElems ?? []) {
    if (!("IndexElem" in node)) continue
    const { name, expr } = node.IndexElem
    place.rows.add("join", expr ? traceExpression(expr, place).sources : (written.get(name ?? "") ?? NO_SOURCES))
  }
  const visible = besides(place.scope, { ...asVisible("excluded", null, excluded), columns: [], open: [] })
  const inside: Work = { ...work, place: { ...place, scope: { ...visible, outer: place.scope.outer } } }
  assignAll(targetList, inside)
  place.rows.add("filter", traceExpression(whereClause, inside.place).sources)
}

function traceUpdate(update: UpdateStmt, around: Surroundings, tracing: Tracing): Change {
  const begun = begin(update, around, tracing)
  tracing.relations.add(begun.id)
  const work = withFrom(begun, update.fromClause, begun.place.ctes)
  assignAll(update.targetList, work)
  work.place.rows.add("filter", traceExpression(update.whereClause, work.place).sources)
  return end("update", work, update.returningClause)
}

function traceDelete(remove: DeleteStmt, around: Surroundings, tracing: Tracing): Change {
  const begun = begin(remove, around, tracing)
  tracing.relations.add(begun.id)
  const work = withFrom(begun, remove.usingClause, begun.place.ctes)
  work.place.rows.add("filter", traceExpression(remove.whereClause, work.place).sources)
  return end("delete", work, remove.returningClause)
}

function traceMerge(merge: MergeStmt, around: Surroundings, tracing: Tracing): Change {
  const begun = begin(merge, around, tracing)
  tracing.relations.add(begun.id)
  const work = withFrom(begun, merge.sourceRelation && [merge.sourceRelation], begun.place.ctes)
  work.place.rows.add("join", traceExpression(merge.joinCondition, work.place).sources)
  for (const node of merge.mergeWhenClauses ?? []) {
    if ("MergeWhenClause" in node) traceWhen(node.MergeWhenClause, work)
  }
  return end("merge", work, merge.returningClause)
}

function traceWhen({ commandType, condition, targetList, values }: MergeWhenClause, work: Work): void {
  work.place.rows.add("filter", traceExpression(condition, work.place).sources)
  if (commandType === "CMD_UPDATE") assignAll(targetList, work)
  if (commandType !== "CMD_INSERT") return
  const names = insertedNames(targetList, work)
  for (const [index, node] of (values ?? []).entries()) {
    if (names[index] !== undefined) write(work, names[index], traceExpression(node, work.place).sources)
  }
}

function assignAll(targets: readonly Node[] | undefined, work: Work): void {
  for (const node of targets ?? []) if ("ResTarget" in node) assign(node.ResTarget, work)
}

/** An assignment to an element or a field leaves the rest of the column as it was. */
function assign({ name, val, indirection }: ResTarget, work: Work): void {
  const sources = assignedSources(val, work.place)
  write(work, name ?? "", indirection ? derive(sources) : sources)
}

/** `set (a, b) = …`: the parser repeats the right side for each column and says which part of it is meant. */
function assignedSources(val: Node | undefined, place: Place): Sources {
  if (!val || !("MultiAssignRef" in val)) return traceExpression(val, place).sources
  const { source, colno = 1 } = val.MultiAssignRef
  if (source && "RowExpr" in source) return traceExpression(source.RowExpr.args?.[colno - 1], place).sources
  if (!source || !("SubLink" in source) || !source.SubLink.subselect) return traceExpression(source, place).sources
  const { ctes, scope, tracing, rows } = place
  const relation = tracing.traceQuery(source.SubLink.subselect, { ctes, scope })
  if (relation.rows) rows.addAll(relation.rows)
  return relation.columns[colno - 1]?.sources ?? NO_SOURCES
}

/** RETURNING gives the target's columns as they are after the change; `old` and `new` tell them apart. */
function traceReturning({ exprs, options }: ReturningClause, { range, target, place, written }: Work): Relation {
  const after = writtenRelation(target, written)
  const names = new Map([
    ["RETURNING_OPTION_OLD", "old"],
    ["RETURNING_OPTION_NEW", "new"],
  ])
  for (const node of options ?? []) {
    if ("ReturningOption" in node) names.set(node.ReturningOption.option ?? "", node.ReturningOption.value ?? "")
  }
  const [, ...others] = place.scope.named
  const visible: Visible = {
    named: [
      ...targetVisible(range, after).named,
      ...others,
      { alias: names.get("RETURNING_OPTION_OLD")!, schema: null, relation: target },
      { alias: names.get("RETURNING_OPTION_NEW")!, schema: null, relation: after },
    ],
    columns: [...after.columns, ...place.scope.columns.slice(target.columns.length)],
    open: place.scope.open,
  }
  const { columns, open } = traceTargets(exprs, { ...place, scope: { ...visible, outer: place.scope.outer } })
  return { columns, open, rows: place.rows }
}

function writtenRelation(target: Relation, written: Map<string, Sources>): Relation {
  const known = target.columns.map((column) => {
    const sources = written.get(column.name)
    return sources ? { ...column, sources } : column
  })
  const names = new Set(known.map(({ name }) => name))
  const others: Column[] = [...written]
    .filter(([name]) => !names.has(name))
    .map(([name, sources]) => ({ name, sources, viaStar: [], type: null }))
  return { columns: [...known, ...others], open: target.open, rows: null }
}
