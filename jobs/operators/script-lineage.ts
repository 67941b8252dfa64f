import type pg from "pg"
import type { TracedDataset } from "#lib/contracts/dataset-lineage.ts"
import type { BoundStatement } from "#lib/engines/postgres/bind-parameters.ts"
import type { Catalogue } from "#lib/models/lineage/catalogue.ts"
import { type ColumnLineage, traceColumns } from "#lib/models/lineage/column-lineage.ts"
import { mergeLineages } from "#lib/models/lineage/merge-lineages.ts"
import { loadSqlParser, SqlSyntaxError } from "#lib/models/lineage/parse-sql.ts"
import { readCatalogue, toTraced } from "./trace-lineage.ts"

/**
 * Where the columns of tables (`schema.name`) come from that the statements of a script wrote, in their order: what is created
 * or emptied starts anew, what is swapped in under another name brings its lineage along. Tables that no statement is known
 * to have filled are left out.
 */
export async function traceScriptLineage(
  client: pg.ClientBase,
  script: { source: string; statements: readonly BoundStatement[]; tables: readonly string[] },
): Promise<TracedDataset[]> {
  await loadSqlParser()
  const writing = script.statements.filter(({ target }) => target !== null)
  if (writing.length === 0 || script.tables.length === 0) return []
  try {
    const filled = followTables(
      writing,
      await readCatalogue(
        client,
        writing.map(({ text }) => text),
      ),
    )
    return script.tables.flatMap((table) => {
      const lineage = filled.get(table)
      return lineage ? [toTraced(`warehouse.${table}`, script.source, lineage)] : []
    })
  } catch (error) {
    // It ran, so it parses: what another version of the parser refuses has no lineage, and fails nothing.
    if (error instanceof SqlSyntaxError) return []
    throw error
  }
}

function followTables(statements: readonly BoundStatement[], known: Catalogue): Map<string, ColumnLineage> {
  const tables = new Map<string, ColumnLineage>()
  // What the script made is what later statements read; afterwards it may be gone.
  const catalogue: Catalogue = {
    resolve(name) {
      const made = name.schema === null ? undefined : tables.get(`${name.schema}.${name.name}`)
      if (!made || made.unknownStars.length > 0) return known.resolve(name)
      return { id: `warehouse.${name.schema}.${name.name}`, columns: made.columns }
    },
  }
  for (const { text, target } of statements) {
    if (!target) continue
    const key = `${target.schema}.${target.name}`
    const before = tables.get(key)
    switch (target.effect) {
      case "drops":
      case "empties":
      case "creates":
        tables.delete(key)
        break
      case "renames":
        tables.delete(key)
        if (before) tables.set(`${target.schema}.${target.newName}`, before)
        break
      case "replaces":
        tables.set(key, traceColumns(text, catalogue))
        break
      default: {
        const lineage = traceColumns(text, catalogue)
        tables.set(key, before ? mergeLineages(before, lineage) : lineage)
      }
    }
  }
  return tables
}
