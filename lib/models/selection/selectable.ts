/** What dbt has in its graph. */
export const RESOURCE_TYPES = [
  "model",
  "test",
  "unit_test",
  "seed",
  "snapshot",
  "analysis",
  "sql_operation",
  "source",
  "exposure",
  "metric",
  "semantic_model",
  "saved_query",
] as const
export type ResourceType = (typeof RESOURCE_TYPES)[number]

/** What selection looks at in a node of the graph. Disabled nodes are left out of it. */
export interface Selectable {
  /** As dbt writes it: `model.shop.orders`. */
  id: string
  resourceType: ResourceType
  name: string
  package: string
  /** Package, folders, name; of a versioned model the version comes last: `shop`, `marts`, `orders`, `v2`. */
  fqn: readonly string[]
  tags: readonly string[]
  /** The file that defines it, from the root of its package, with `/`. */
  originalFilePath: string
  /** The file of its properties, if it is another one. */
  propertiesPath: string | null
  config: Readonly<Record<string, unknown>>
  group: string | null
  access: "private" | "protected" | "public" | null
  version: string | number | null
  latestVersion: string | number | null
  /** Ids of the nodes it reads or tests. Those that are not in the graph are passed over. */
  dependsOn: readonly string[]
  test: TestFacts | null
  /** Of a source table the name of its source. */
  sourceName: string | null
  /** What `state:` compares; null where nobody asks for it. */
  fingerprint: StateFingerprint | null
}

export interface TestFacts {
  kind: "generic" | "singular" | "unit"
  /** Of a generic test the name of its macro, as `unique`, without package and arguments. */
  name: string | null
}

/**
 * Checksums of the parts of a node that `state:modified.<part>` tells apart. Parts that a kind of node does not have are
 * absent. `other` holds what counts for `state:modified` alone, as the freshness of a source.
 */
export type StateFingerprint = Partial<Record<StateAspect, string>>

export const STATE_ASPECTS = [
  "body",
  "configs",
  "relation",
  "persisted_descriptions",
  "macros",
  "contract",
  "other",
] as const
export type StateAspect = (typeof STATE_ASPECTS)[number]

/** What an earlier invocation left, for `state:`, `result:` and `source_status:`. */
export interface EarlierState {
  /** Of each node of the manifest to compare with. */
  fingerprints?: ReadonlyMap<string, StateFingerprint>
  /** Status by node id, as in run_results.json: `error`, `fail`, `success` … */
  results?: ReadonlyMap<string, string>
  /** Of each source checked both then and now, as in sources.json; null where a check had no result. */
  freshness?: ReadonlyMap<string, { before: Date | null; now: Date | null }>
}
