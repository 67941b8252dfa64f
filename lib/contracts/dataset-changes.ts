import { z } from "zod"
import type { DatasetDocument } from "./dataset-document.ts"

/** What differs of a dataset between two versions of its pipeline. */
export const datasetChangesSchema = z.object({
  columnsAdded: z.array(z.string()),
  columnsRemoved: z.array(z.string()),
  columnsRetyped: z.array(z.object({ column: z.string(), from: z.string(), to: z.string() })),
  isSqlChanged: z.boolean(),
  /** Datasets that it is made from. */
  upstreamsAdded: z.array(z.string()),
  upstreamsRemoved: z.array(z.string()),
  /** What else its document says otherwise, in words: `description`, `tests` … */
  others: z.array(z.string()),
  /** The ways of its columns differ. Also so when they became known, which changes no column. */
  isLineageChanged: z.boolean(),
})
export type DatasetChanges = z.infer<typeof datasetChangesSchema>

/** What is known of a dataset in a version. */
export interface DatasetState {
  document: DatasetDocument | null
  /** Those that its query gives; null where it was not traced. */
  columns: readonly { name: string; type: string | null }[] | null
  /**
   * Where the lineage is that of an earlier version with another document, as no run of this one came yet: the columns that
   * were documented then. Null otherwise.
   */
  documentedThen: readonly string[] | null
  /** Equal text, equal lineage; null where it was not traced. */
  lineageId: string | null
  upstreams: readonly string[]
  /** As it ran; compared where no document has the query. */
  compiledSql: string | null
}

/**
 * What a person would say changed. Columns are compared by the queries where both were traced, and by what is documented
 * otherwise, so that a first run makes no column new. A type that is not known changes nothing.
 */
export function datasetChanges(before: DatasetState, after: DatasetState): DatasetChanges {
  const isTraced = before.columns !== null && after.columns !== null
  const [old, now] = isTraced ? [columnTypes(before), columnTypes(after)] : [documented(before), documented(after)]
  return {
    columnsAdded: [...now.keys()].filter((name) => !old.has(name)),
    columnsRemoved: [...old.keys()].filter((name) => !now.has(name)),
    columnsRetyped: [...now].flatMap(([column, to]) => {
      const from = old.get(column)
      return from && to && from !== to ? [{ column, from, to }] : []
    }),
    isSqlChanged: sqlOf(before) !== sqlOf(after),
    upstreamsAdded: missingIn(before.upstreams, after.upstreams),
    upstreamsRemoved: missingIn(after.upstreams, before.upstreams),
    others: before.document && after.document ? otherWords(before.document, after.document) : [],
    isLineageChanged: before.lineageId !== after.lineageId,
  }
}

/** The columns that its query gives; before it has run as it is documented now, also those documented since. */
export function columnsOf({
  document,
  columns,
  documentedThen,
}: DatasetState): { name: string; type: string | null }[] {
  const said = documented({ document })
  const given = (columns ?? []).map(({ name, type }) => ({ name, type: type ?? said.get(name) ?? null }))
  if (documentedThen === null) return given
  const names = new Set([...given.map(({ name }) => name), ...documentedThen])
  return [...given, ...[...said].flatMap(([name, type]) => (names.has(name) ? [] : [{ name, type }]))]
}

/** The changes in a line, as `2 columns added, SQL changed`; of what has no words of its own, `columns traced anew`. */
export function changesText(changes: DatasetChanges | null): string {
  if (changes === null) return "first known"
  const { columnsAdded, columnsRemoved, columnsRetyped, upstreamsAdded, upstreamsRemoved } = changes
  const words = [
    counted(columnsAdded.length, "column", "added"),
    counted(columnsRemoved.length, "column", "removed"),
    counted(columnsRetyped.length, "column", "retyped"),
    changes.isSqlChanged ? "SQL changed" : "",
    counted(upstreamsAdded.length, "upstream", "added"),
    counted(upstreamsRemoved.length, "upstream", "removed"),
    changes.others.length > 0 ? `${changes.others.join(", ")} changed` : "",
  ].filter((word) => word !== "")
  if (words.length > 0) return words.join(", ")
  return changes.isLineageChanged ? "columns traced anew" : "nothing that is shown changed"
}

/** Fields of a document that have words of their own above, or are about where it stands rather than what it says. */
const COMPARED = new Set(["dataset", "uniqueId", "package", "sql", "isBuilt"])
const WORDS: Readonly<Record<string, string>> = {
  columns: "what is said of columns",
  isSensitive: "whether it holds personal data",
  snapshot: "how it keeps versions",
  materialized: "how it is built",
}

function otherWords(before: DatasetDocument, after: DatasetDocument): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => !COMPARED.has(name))
  return names.flatMap((name) => {
    const [old, now] = [before, after].map((each) => comparable(name, each))
    return old === now ? [] : [WORDS[name] ?? name]
  })
}

/** Names and types of columns are told by themselves. */
function comparable(name: string, document: DatasetDocument): string {
  const value = document[name as keyof DatasetDocument]
  if (name !== "columns") return JSON.stringify(value ?? null)
  const said = document.columns.map(({ name: column, type: _, ...rest }) => [column, rest] as const)
  return JSON.stringify(
    said.filter(([, { description, tags, isCleared }]) => description !== "" || tags.length > 0 || isCleared),
  )
}

function columnTypes(state: DatasetState): Map<string, string | null> {
  return new Map(columnsOf(state).map(({ name, type }) => [name, type]))
}

function documented({ document }: Pick<DatasetState, "document">): Map<string, string | null> {
  return new Map(document?.columns.map(({ name, type }) => [name, type]))
}

function sqlOf({ document, compiledSql }: DatasetState): string | null {
  return document ? document.sql : compiledSql
}

function missingIn(known: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(known)
  return wanted.filter((each) => !there.has(each))
}

function counted(count: number, noun: string, verb: string): string {
  if (count === 0) return ""
  return `${count} ${noun}${count === 1 ? "" : "s"} ${verb}`
}
