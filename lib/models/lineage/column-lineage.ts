import type { Node } from "libpg-query"
import { type AnonymisingRules, DEFAULT_ANONYMISING_RULES } from "./anonymising.ts"
import type { Catalogue } from "./catalogue.ts"
import { parseSql, positionOfByte, SqlSyntaxError } from "./parse-sql.ts"
import type { RowInfluenceKind } from "./row-influences.ts"
import type { BaseColumn, Influence } from "./sources.ts"
import { traceQuery } from "./trace-query.ts"
import { type StatementKind, traceStatement } from "./trace-statement.ts"
import { type Gap, Tracing } from "./tracing.ts"

export interface ColumnId {
  relation: string
  column: string
}

export interface ColumnSource extends ColumnId {
  influence: Influence
  /** The expression that keeps the value from being read back; null where it can be. */
  anonymisedBy: string | null
}

export interface OutputColumn {
  name: string
  /** As the catalogue has it, where the column is an identical copy of one. */
  type: string | null
  sources: ColumnSource[]
  /** The columns it came from through nothing but `*`: when one goes, this one goes with it, and nothing fails. */
  viaStar: ColumnId[]
}

export interface RowInfluence extends ColumnId {
  kind: RowInfluenceKind
}

/** Where each column of a statement's result comes from. */
export interface ColumnLineage {
  kind: StatementKind
  /** Id of the relation that the statement writes; null for a query. */
  target: string | null
  columns: OutputColumn[]
  /** What decides which rows there are, rather than what stands in them; of common table expressions those used. */
  rows: RowInfluence[]
  /** Columns written out anywhere in the statement: it fails when one of them goes. */
  mentions: ColumnId[]
  /** Ids of the relations it reads. */
  relations: string[]
  /** What could not be followed. Nothing in the result is assumed instead. */
  gaps: Gap[]
  /** Ids of relations whose unknown columns are handed on by `*`, so `columns` lacks them. */
  unknownStars: string[]
}

/**
 * Column lineage of one statement: a query, as dbt compiles a model to, or one that writes a relation from a query (CREATE
 * TABLE AS, CREATE VIEW, INSERT, UPDATE, DELETE, MERGE), whose columns are then those it writes. `loadSqlParser` must have
 * been awaited before.
 *
 * @throws SqlSyntaxError for what Postgres would not parse, and for anything but one statement.
 */
export function traceColumns(
  sql: string,
  catalogue: Catalogue,
  rules: AnonymisingRules = DEFAULT_ANONYMISING_RULES,
): ColumnLineage {
  const statements = parseSql(sql).stmts ?? []
  const second = statements[1]
  if (second || !statements[0]) {
    const place = second ? positionOfByte(sql, second.stmt_location ?? 0) : { line: 1, column: 1 }
    throw new SqlSyntaxError(
      second ? "Only one statement can be traced: take out the second" : "There is no SQL",
      place,
    )
  }
  return lineageOf(statements[0].stmt!, sql, catalogue, rules)
}

/** The same for each of several statements, as hooks and scripts have them. */
export function traceScript(
  sql: string,
  catalogue: Catalogue,
  rules: AnonymisingRules = DEFAULT_ANONYMISING_RULES,
): ColumnLineage[] {
  return (parseSql(sql).stmts ?? []).flatMap(({ stmt }) => (stmt ? [lineageOf(stmt, sql, catalogue, rules)] : []))
}

function lineageOf(node: Node, sql: string, catalogue: Catalogue, rules: AnonymisingRules): ColumnLineage {
  const tracing: Tracing = new Tracing(sql, catalogue, rules, (inner, around) => traceQuery(inner, around, tracing))
  const { kind, target, columns, open, rows } = traceStatement(node, tracing)
  tracing.needsAll(open, "a star")
  tracing.traceUnused()
  return {
    kind,
    target,
    columns: columns.map(({ name, type, sources, viaStar }) => ({
      name,
      type,
      sources: [...sources].map(([column, trace]) => ({ ...idOf(column), ...trace })),
      viaStar: viaStar.map(idOf),
    })),
    rows: [...rows].map(([rowKind, column]) => ({ ...idOf(column), kind: rowKind })),
    mentions: [...tracing.mentions].map(idOf),
    relations: [...tracing.relations],
    gaps: [...tracing.gaps.values()],
    unknownStars: open.map(({ label }) => label),
  }
}

function idOf({ relation, column }: BaseColumn): ColumnId {
  return { relation, column }
}
