import { parseAsString } from "nuqs"
import type { DiffRequest } from "#lib/contracts/api/diff.ts"

/** The comparison in the address: names as people write them. */
export const DIFF_PARSERS = {
  left: parseAsString.withDefault(""),
  right: parseAsString.withDefault(""),
  key: parseAsString.withDefault(""),
  columns: parseAsString.withDefault(""),
  leftWhere: parseAsString.withDefault(""),
  rightWhere: parseAsString.withDefault(""),
  leftAsOf: parseAsString.withDefault(""),
  rightAsOf: parseAsString.withDefault(""),
}
export type DiffForm = Record<keyof typeof DIFF_PARSERS, string>

/** What to ask for; null while no table is named. Without a right table, the left one is compared with itself. */
export function toDiffRequest(form: DiffForm): DiffRequest | null {
  if (form.left.trim() === "") return null
  const side = (table: string, where: string, asOf: string) => ({
    dataset: datasetId(table),
    where: conditions(where),
    ...(asOf.trim() !== "" && { asOf: instantOf(asOf) }),
  })
  return {
    left: side(form.left, form.leftWhere, form.leftAsOf),
    right: side(form.right.trim() === "" ? form.left : form.right, form.rightWhere, form.rightAsOf),
    keys: names(form.key),
    columns: names(form.columns),
  }
}

/** `schema.table` means the one in the warehouse. */
function datasetId(text: string): string {
  const name = text.trim()
  return name.split(".").length === 2 ? `warehouse.${name}` : name
}

function names(text: string): string[] {
  return text.split(",").flatMap((name) => name.trim() || [])
}

/** `day=2026-01-01, country=DE`; a name alone is a column that is to be empty. */
function conditions(text: string): { column: string; value: string }[] {
  return names(text).map((part) => {
    const at = part.indexOf("=")
    return at < 0 ? { column: part, value: "" } : { column: part.slice(0, at).trim(), value: part.slice(at + 1).trim() }
  })
}

/** A day alone is its midnight in UTC. */
function instantOf(text: string): string {
  const written = text.trim()
  return /^\d{4}-\d{2}-\d{2}$/.test(written) ? `${written}T00:00:00Z` : written
}
