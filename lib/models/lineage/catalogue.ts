/** A relation as a query names it; parts it leaves out are null. Case folded already, as Postgres does. */
export interface RelationName {
  database: string | null
  schema: string | null
  name: string
}

export interface CatalogueColumn {
  name: string
  type?: string | null
}

export interface CatalogueRelation {
  /** Names the relation in results. */
  id: string
  /** In the order of `select *`; null where the relation is known and its columns are not. */
  columns: readonly CatalogueColumn[] | null
}

/** Says which relation a name means. */
export interface Catalogue {
  /** Null for a relation that it does not know. */
  resolve(name: RelationName): CatalogueRelation | null
}

export interface CatalogueEntry extends CatalogueRelation {
  database?: string | null
  schema: string
  name: string
}

/**
 * A catalogue over a list. Names without a schema are looked for along the search path, as Postgres does; a database in a
 * name must be that of the entry, where the entry has one.
 */
export function catalogueOf(entries: Iterable<CatalogueEntry>, searchPath: readonly string[] = ["public"]): Catalogue {
  const bySchema = new Map<string, Map<string, CatalogueEntry[]>>()
  for (const entry of entries) {
    const names = bySchema.get(entry.schema) ?? new Map<string, CatalogueEntry[]>()
    bySchema.set(entry.schema, names)
    names.set(entry.name, [...(names.get(entry.name) ?? []), entry])
  }
  return {
    resolve({ database, schema, name }) {
      for (const each of schema === null ? searchPath : [schema]) {
        const found = bySchema
          .get(each)
          ?.get(name)
          ?.find((entry) => database === null || entry.database == null || entry.database === database)
        if (found) return found
      }
      return null
    },
  }
}
