import type { RowInfluences } from "./row-influences.ts"
import type { BaseColumn, Sources } from "./sources.ts"

/** A column of anything that can stand in FROM. */
export interface Column {
  name: string
  sources: Sources
  /** Base columns without which this one is not there: it came from them through nothing but `*`. */
  viaStar: readonly BaseColumn[]
  type: string | null
  /** The columns inside, for a whole row that stands as a value. */
  row?: Relation | undefined
}

/** Columns whose names are not known, as those of a relation outside the catalogue. */
export interface OpenColumns {
  /** What holds them, for messages. */
  label: string
  /** The column of that name, taking for granted that it is among them. Null where even then its source is unknown. */
  column(name: string): Column | null
}

/** What a query, a table, a function or a join gives. */
export interface Relation {
  columns: readonly Column[]
  open: readonly OpenColumns[]
  /** What decides about its rows; null for base relations, whose rows are given. */
  rows: RowInfluences | null
}

/** A relation under the name by which columns can be qualified. */
export interface NamedRelation {
  alias: string
  /** Set for a table that was written with its schema and without an alias. */
  schema: string | null
  relation: Relation
}

/** What one FROM clause, or a part of it, makes visible. */
export interface Visible {
  named: readonly NamedRelation[]
  /** What `*` and unqualified names mean: columns that a join merges appear once, before the others. */
  columns: readonly Column[]
  open: readonly OpenColumns[]
}

/** A FROM clause inside those of the queries around it. */
export interface Scope extends Visible {
  outer: Scope | null
}

export const NOTHING_VISIBLE: Visible = { named: [], columns: [], open: [] }

export function besides(left: Visible, right: Visible): Visible {
  return {
    named: [...left.named, ...right.named],
    columns: [...left.columns, ...right.columns],
    open: [...left.open, ...right.open],
  }
}

export function asVisible(alias: string, schema: string | null, relation: Relation): Visible {
  return { named: [{ alias, schema, relation }], columns: relation.columns, open: relation.open }
}
