import type { DatasetSummary } from "#lib/contracts/api/datasets.ts"

export const DATASET_SORTS = ["name", "score", "rows", "updated"] as const

/** What the list of datasets is narrowed to and ordered by; all of it lives in the address. */
export interface DatasetFilter {
  q: string
  schema: string | null
  owner: string | null
  tag: string | null
  kind: string | null
  /** Only those with columns that hold personal data. */
  data: "personal data" | null
  state: "failing" | "unchecked" | null
  sort: (typeof DATASET_SORTS)[number]
}

/** `warehouse.marts.dim_customers` in its parts; an id of another form is all name. */
export function datasetParts(id: string): { warehouse: string; schema: string; name: string } {
  const [warehouse, schema, ...name] = id.split(".")
  return warehouse && schema && name.length > 0
    ? { warehouse, schema, name: name.join(".") }
    : { warehouse: "", schema: "", name: id }
}

/** The datasets that match, in order: by name, worst score first, most rows first, or newest first; unknown comes last. */
export function filterDatasets(datasets: readonly DatasetSummary[], filter: DatasetFilter): DatasetSummary[] {
  const words = filter.q.trim().toLowerCase().split(/\s+/)
  return datasets
    .filter((one) => {
      if (filter.schema !== null && datasetParts(one.id).schema !== filter.schema) return false
      if (filter.owner !== null && one.owner !== filter.owner) return false
      if (filter.tag !== null && !one.tags.includes(filter.tag)) return false
      if (filter.kind !== null && one.kind !== filter.kind) return false
      if (filter.data !== null && one.sensitiveColumns === 0) return false
      if (filter.state === "failing" && one.checksFailing === 0) return false
      if (filter.state === "unchecked" && one.score !== null) return false
      const text = [one.id, one.description, one.owner ?? "", ...one.tags].join(" ").toLowerCase()
      return words.every((word) => text.includes(word))
    })
    .toSorted(ORDERS[filter.sort])
}

const byId = (a: DatasetSummary, b: DatasetSummary) => a.id.localeCompare(b.id)
const ORDERS: Record<DatasetFilter["sort"], (a: DatasetSummary, b: DatasetSummary) => number> = {
  name: byId,
  score: (a, b) => (a.score ?? 101) - (b.score ?? 101) || byId(a, b),
  rows: (a, b) => (b.rowCount ?? -1) - (a.rowCount ?? -1) || byId(a, b),
  updated: (a, b) => (b.updatedAt ?? "").localeCompare(a.updatedAt ?? "") || byId(a, b),
}
