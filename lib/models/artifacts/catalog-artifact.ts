import type { CatalogTable } from "../command/read-catalog.ts"
import type { Invocation } from "../context/base-names.ts"
import { artifactHeader } from "./artifact-header.ts"
import type { Document, Section } from "./write-json.ts"

/** What dbt-postgres says of statistics: that it has none. */
const NO_STATS = {
  has_stats: {
    id: "has_stats",
    label: "Has Stats?",
    value: false,
    include: false,
    description: "Indicates whether there are statistics for this table",
  },
}

/** catalog.json, version 1. */
export function* catalogArtifact(
  invocation: Pick<Invocation, "id" | "env">,
  tables: readonly CatalogTable[],
): Document {
  yield ["metadata", artifactHeader("catalog", invocation)]
  yield ["nodes", { section: entries(tables.filter(({ isSource }) => !isSource)) }]
  yield ["sources", { section: entries(tables.filter(({ isSource }) => isSource)) }]
  yield ["errors", null]
}

function* entries(tables: readonly CatalogTable[]): Section {
  for (const { uniqueId, type, schema, name, database, comment, owner, columns } of tables) {
    yield [
      uniqueId,
      {
        metadata: { type, schema, name, database, comment, owner },
        columns: Object.fromEntries(columns.map((column) => [column.name, toColumn(column)])),
        stats: NO_STATS,
        unique_id: uniqueId,
      },
    ]
  }
}

function toColumn({ type, index, name, comment }: CatalogTable["columns"][number]): object {
  return { type, index, name, comment }
}
