import { findCycle, topologicalOrder } from "#lib/domain/dag.ts"
import { type AnonymisingRules, DEFAULT_ANONYMISING_RULES } from "./anonymising.ts"
import { type CatalogueEntry, catalogueOf, type RelationName } from "./catalogue.ts"
import { type ColumnLineage, traceColumns } from "./column-lineage.ts"
import { type ColumnGraph, indexGraph, type ModelFault } from "./index-graph.ts"
import { SqlSyntaxError } from "./parse-sql.ts"

/** A relation of the graph that a query makes: a model, snapshot or view. */
export interface GraphModel {
  /** Unique; names the relation in all results, as `model.shop.orders`. */
  id: string
  database?: string | null
  schema: string
  name: string
  /** Compiled: no Jinja is left in it. Null where there is none, as for seeds. */
  sql: string | null
  /** Ids of what it reads. Those that are no models of the graph are passed over. */
  dependsOn: readonly string[]
  /** The columns it is known to have in the database or by contract; used where its SQL does not tell all. */
  columns?: CatalogueEntry["columns"]
}

/**
 * Traces all models, each with the columns that those before it turned out to have, so a `select *` over a model that was
 * never built expands as well. Sources and seeds are models without SQL, whose columns are given.
 *
 * @throws RangeError when the models form a cycle.
 */
export function buildColumnGraph(
  models: readonly GraphModel[],
  {
    searchPath = ["public"],
    rules = DEFAULT_ANONYMISING_RULES,
  }: { searchPath?: string[]; rules?: AnonymisingRules } = {},
): ColumnGraph {
  const byId = new Map(models.map((model) => [model.id, model]))
  const columns = new Map<string, CatalogueEntry["columns"]>()
  const catalogue = growingCatalogue(models, columns, searchPath)
  const lineages = new Map<string, ColumnLineage>()
  const faults: ModelFault[] = []
  for (const id of inOrder(models, byId)) {
    const model = byId.get(id)!
    const lineage = traceModel(model, catalogue, rules, faults)
    if (lineage) lineages.set(id, lineage)
    columns.set(id, columnsOf(model, lineage))
  }
  return indexGraph(lineages, columns, faults)
}

function inOrder(models: readonly GraphModel[], byId: ReadonlyMap<string, GraphModel>): string[] {
  const upstream = new Map(
    models.map(({ id, dependsOn }) => [id, [...new Set(dependsOn)].filter((each) => byId.has(each))]),
  )
  const cycle = findCycle(upstream)
  if (cycle) throw new RangeError(`The models form a cycle: ${cycle.join(" → ")}.`)
  return topologicalOrder(upstream)
}

/** Names stay what they were; columns are those known when a model is traced. */
function growingCatalogue(
  models: readonly GraphModel[],
  columns: ReadonlyMap<string, CatalogueEntry["columns"]>,
  searchPath: readonly string[],
) {
  const names = catalogueOf(
    models.map(({ id, database = null, schema, name }) => ({ id, database, schema, name, columns: null })),
    searchPath,
  )
  return {
    resolve(name: RelationName) {
      const found = names.resolve(name)
      return found && { id: found.id, columns: columns.get(found.id) ?? null }
    },
  }
}

type Catalogue = ReturnType<typeof growingCatalogue>

function traceModel(
  { id, sql }: GraphModel,
  catalogue: Catalogue,
  rules: AnonymisingRules,
  faults: ModelFault[],
): ColumnLineage | null {
  if (sql === null) return null
  try {
    return traceColumns(sql, catalogue, rules)
  } catch (error) {
    if (!(error instanceof SqlSyntaxError)) throw error
    faults.push({ model: id, error })
    return null
  }
}

/** The SQL says what will be there after the next build; what is there now only fills in for what it does not tell. */
function columnsOf(model: GraphModel, lineage: ColumnLineage | null): CatalogueEntry["columns"] {
  if (!lineage || lineage.unknownStars.length > 0 || lineage.kind === "other") return model.columns ?? null
  const known = new Map(model.columns?.map(({ name, type }) => [name, type]))
  return lineage.columns.map(({ name, type }) => ({ name, type: type ?? known.get(name) ?? null }))
}
