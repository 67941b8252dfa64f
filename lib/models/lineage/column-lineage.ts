import type { Node } from "libpg-query"
import { type AnonymisingRules, DEFAULT_ANONYMISING_RULES } from "./anonymising.ts"
import type { Catalogue } from "./catalogue.ts"
import { parseSql } from "./parse-sql.ts"
import type { RowInfluenceKind } from "./row-influences.ts"
import type { BaseColumn, Influence } from "./sources.ts"
import { traceQuery } from "./trace-query.ts"
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
 * Column lineage of one query, as dbt compiles a model to. `loadSqlParser` must have been awaited before.
 *
 * @throws SqlSyntaxError for what Postgres would not parse, and for anything but one statement.
 */
export function traceColumns(
  sql: string,
  catalogue: Catalogue,
  rules: AnonymisingRules = DEFAULT_ANONYMISING_RULES,
): ColumnLineage {
  const [statement] = parseSql(sql).stmts ?? []
  const tracing: Tracing = new Tracing(sql, catalogue, rules, (node, around) => traceQuery(node, around, tracing))
  const relation = traceQuery(statement?.stmt as Node, { ctes: null, scope: null }, tracing)
  tracing.needsAll(relation.open, "a star")
  tracing.traceUnused()
  return {
    columns: relation.columns.map(({ name, type, sources, viaStar }) => ({
      name,
      type,
      sources: [...sources].map(([column, trace]) => ({ ...idOf(column), ...trace })),
      viaStar: viaStar.map(idOf),
    })),
    rows: [...(relation.rows ?? [])].map(([kind, column]) => ({ ...idOf(column), kind })),
    mentions: [...tracing.mentions].map(idOf),
    relations: [...tracing.relations],
    gaps: [...tracing.gaps.values()],
    unknownStars: relation.open.map(({ label }) => label),
  }
}

function idOf({ relation, column }: BaseColumn): ColumnId {
  return { relation, column }
}
