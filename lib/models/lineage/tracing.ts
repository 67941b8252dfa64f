import type { Node, RangeVar } from "libpg-query"
import type { AnonymisingRules } from "./anonymising.ts"
import type { Catalogue } from "./catalogue.ts"
import { positionOfByte, type SqlPosition } from "./parse-sql.ts"
import type { Column, OpenColumns, Relation, Scope } from "./relation.ts"
import type { RowInfluences } from "./row-influences.ts"
import { type BaseColumn, DIRECT } from "./sources.ts"

/** Why something of a query could not be followed. */
export const GAP_KINDS = [
  "unknown_relation",
  "unknown_columns",
  "unknown_column",
  "ambiguous_column",
  "unsupported",
] as const
export type GapKind = (typeof GAP_KINDS)[number]

/** A place where the trace stops. Nothing is assumed beyond it: what it would have given is missing from the result. */
export interface Gap extends Partial<SqlPosition> {
  kind: GapKind
  /** The relation, column or construct. */
  name: string
  message: string
}

/** The common table expressions that a query may name, innermost first. Each is traced when it is first used. */
export interface CteScope {
  outer: CteScope | null
  byName: Map<string, () => Relation>
}

/** What surrounds a query. */
export interface Surroundings {
  ctes: CteScope | null
  /** The FROM clauses whose columns a subquery may use; for an item of FROM only those that LATERAL shows it. */
  scope: Scope | null
}

/** Traces a query (or a data change with RETURNING) as a relation. */
export type TraceQuery = (node: Node, around: Surroundings) => Relation

/** What one trace knows and finds out. */
export class Tracing {
  readonly gaps = new Map<string, Gap>()
  /** Base columns without which the statement would not even parse. */
  readonly mentions = new Set<BaseColumn>()
  readonly relations = new Set<string>()
  /** Common table expressions, to be traced at the end where no query has used them. */
  readonly later: (() => Relation)[] = []
  readonly rules: AnonymisingRules
  /** Handed in, because queries hold expressions, which hold queries. */
  readonly traceQuery: TraceQuery
  readonly #sql: string
  readonly #catalogue: Catalogue
  readonly #known = new Map<string, BaseRelation>()

  constructor(sql: string, catalogue: Catalogue, rules: AnonymisingRules, traceQuery: TraceQuery) {
    this.#sql = sql
    this.#catalogue = catalogue
    this.rules = rules
    this.traceQuery = traceQuery
  }

  /** Writes a gap down once, however often its place is passed. */
  gap(kind: GapKind, name: string, message: string, location: number | undefined): void {
    const key = `${kind} ${name} ${location ?? ""}`
    if (this.gaps.has(key)) return
    // The parser leaves the location out where it is 0, and says -1 where there is none.
    const position = (location ?? 0) < 0 ? {} : positionOfByte(this.#sql, location ?? 0)
    this.gaps.set(key, { kind, name, message, ...position })
  }

  /** Writes down that not all columns of a relation are known where all are needed. */
  needsAll(open: readonly OpenColumns[], what: string, location = -1): void {
    for (const { label } of open) {
      this.gap("unknown_columns", label, `The columns of ${label} are not known, which ${what} needs.`, location)
    }
  }

  mention(columns: Iterable<BaseColumn>): void {
    for (const column of columns) this.mentions.add(column)
  }

  /** An expression that nobody uses decides nothing, but the statement fails with it: what it mentions counts. */
  traceUnused(): void {
    for (let trace = this.later.pop(); trace; trace = this.later.pop()) trace()
  }

  /** A relation of the catalogue; one that it does not know keeps its written name and has open columns. */
  baseRelation(range: RangeVar): Relation {
    const { id, relation } = this.target(range)
    this.relations.add(id)
    return relation
  }

  /** The same for a relation that is written, and so not read by being named. */
  target(range: RangeVar, { mayBeUnknown = false } = {}): BaseRelation {
    const written = [range.catalogname, range.schemaname, range.relname].filter(Boolean).join(".")
    const known = this.#known.get(written)
    if (known) return known
    const found = this.#catalogue.resolve({
      database: range.catalogname ?? null,
      schema: range.schemaname ?? null,
      name: range.relname ?? "",
    })
    if (!found && !mayBeUnknown) {
      this.gap("unknown_relation", written, `The relation ${written} is not in the catalogue.`, range.location)
    }
    const id = found?.id ?? written
    const relation: Relation = found?.columns
      ? { columns: found.columns.map(({ name, type }) => baseColumn(id, name, type ?? null)), open: [], rows: null }
      : { columns: [], open: [openRelation(id)], rows: null }
    const base = { id, relation }
    this.#known.set(written, base)
    return base
  }
}

interface BaseRelation {
  id: string
  relation: Relation
}

function baseColumn(relation: string, name: string, type: string | null): Column {
  const base: BaseColumn = { relation, column: name, type }
  return { name, sources: new Map([[base, DIRECT]]), viaStar: [base], type }
}

function openRelation(id: string): OpenColumns {
  const columns = new Map<string, Column>()
  return {
    label: id,
    column(name) {
      const column = columns.get(name) ?? baseColumn(id, name, null)
      columns.set(name, column)
      return column
    },
  }
}

/** A place in a query where expressions stand. */
export interface Place {
  tracing: Tracing
  ctes: CteScope | null
  scope: Scope
  /** Where influences of subqueries and windows go: those of the query that the place is in. */
  rows: RowInfluences
}
