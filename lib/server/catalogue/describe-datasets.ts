import type pg from "pg"
import type { Page } from "#lib/contracts/api/common.ts"
import type { DatasetColumn, DatasetDetail, DatasetSummary } from "#lib/contracts/api/datasets.ts"
import type { DatasetDocument } from "#lib/contracts/dataset-document.ts"
import { listDatasets, readDataset } from "#lib/store/read/datasets.ts"
import { type ColumnCatalogue, columnCatalogue, sensitiveColumns } from "./column-catalogue.ts"

/** Datasets by name, as the catalogue lists them. */
export async function listCatalogue(
  pool: pg.Pool,
  query: { cursor?: string | undefined; limit: number },
): Promise<Page<DatasetSummary>> {
  const [page, catalogue] = await Promise.all([listDatasets(pool, query), columnCatalogue(pool)])
  const sensitive = sensitiveColumns(catalogue)
  return { ...page, items: page.items.map((one) => ({ ...one, sensitiveColumns: sensitive.get(one.id)?.size ?? 0 })) }
}

/**
 * All that is known of a dataset: what its project says, what the database has, and what follows from its lineage.
 * @throws AppError `dataset.not_found`
 */
export async function readCatalogueEntry(pool: pg.Pool, id: string): Promise<DatasetDetail> {
  const [{ document, ...stored }, catalogue] = await Promise.all([readDataset(pool, id), columnCatalogue(pool)])
  return {
    ...stored,
    sensitiveColumns: sensitiveColumns(catalogue).get(id)?.size ?? 0,
    columns: describeColumns(id, { ...stored, document }, catalogue),
    definition: document && definitionOf(document),
  }
}

/** What a project says of a dataset, as the catalogue shows it. */
export function definitionOf(document: DatasetDocument): NonNullable<DatasetDetail["definition"]> {
  const { uniqueId, package: name, file, meta, sql, tests, snapshot } = document
  // Documents of earlier releases have no exposures.
  return { uniqueId, package: name, file, meta, sql, tests, snapshot, exposures: document.exposures ?? [] }
}

/** Those of the table in their order, then those that the project alone speaks of. */
export function describeColumns(
  id: string,
  {
    columns,
    document,
  }: { columns: readonly { name: string; type: string | null }[]; document: DatasetDocument | null },
  { reached }: ColumnCatalogue,
): DatasetColumn[] {
  const documented = new Map(document?.columns.map((column) => [column.name, column]))
  const inDatabase = new Map(columns.map(({ name, type }) => [name, type]))
  const isUnwritten = columns.length === 0
  return [...new Set([...inDatabase.keys(), ...documented.keys()])].map((name) => {
    const isOwn = (each: { relation: string; column: string }) => each.relation === id && each.column === name
    return {
      name,
      type: inDatabase.get(name) ?? documented.get(name)?.type ?? null,
      description: documented.get(name)?.description ?? "",
      tags: documented.get(name)?.tags ?? [],
      inheritedTags: reached.inherited.filter(isOwn).map(({ tag, from, through }) => ({
        tag,
        from: { dataset: from.relation, column: from.column },
        through: { dataset: through.relation, column: through.column },
      })),
      stoppedTags: reached.stopped.filter(isOwn).map(({ tag, through, by }) => ({
        tag,
        through: { dataset: through.relation, column: through.column },
        by,
      })),
      exists: isUnwritten || inDatabase.has(name),
    }
  })
}
