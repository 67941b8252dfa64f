import { asList, type ConfigLayer, isRecord, mergeLayer, treeLayers } from "./merge-config.ts"
import type { Docs, Hook, NodeConfig } from "./node.ts"
import type { ConfigTreeName, ProjectConfig } from "./project-file.ts"
import type { YamlMap } from "./read-yaml.ts"

export type ConfiguredType = "model" | "seed" | "snapshot" | "test" | "analysis" | "operation"

const TREES: Readonly<Record<ConfiguredType, ConfigTreeName | null>> = {
  model: "models",
  seed: "seeds",
  snapshot: "snapshots",
  test: "data_tests",
  // As dbt has it: analyses and hooks take the configs of models.
  analysis: "models",
  operation: "models",
}

const common = (materialized: string) => ({
  enabled: true,
  alias: null,
  schema: null,
  database: null,
  tags: [],
  meta: {},
  group: null,
  materialized,
})

const built = (materialized: string) => ({
  ...common(materialized),
  incremental_strategy: null,
  batch_size: null,
  lookback: 1,
  begin: null,
  persist_docs: {},
  "post-hook": [],
  "pre-hook": [],
  quoting: {},
  column_types: {},
  full_refresh: null,
  unique_key: null,
  on_schema_change: "ignore",
  on_configuration_change: "apply",
  grants: {},
  packages: [],
  docs: { show: true, node_color: null },
  contract: { enforced: false, alias_types: true },
  event_time: null,
  concurrent_batches: null,
})

/** What a node is set to where nobody says anything, by dbt's documentation of each resource type. */
const DEFAULTS: Readonly<Record<ConfiguredType, () => ConfigLayer>> = {
  model: () => ({ ...built("view"), access: "protected" }),
  seed: () => ({ ...built("seed"), delimiter: ",", quote_columns: null }),
  snapshot: () => ({
    ...built("snapshot"),
    strategy: null,
    target_schema: null,
    target_database: null,
    updated_at: null,
    check_cols: null,
    snapshot_meta_column_names: {
      dbt_valid_to: null,
      dbt_valid_from: null,
      dbt_scd_id: null,
      dbt_updated_at: null,
      dbt_is_deleted: null,
    },
    dbt_valid_to_current: null,
  }),
  test: () => ({
    ...common("test"),
    schema: "dbt_test__audit",
    severity: "ERROR",
    store_failures: null,
    store_failures_as: null,
    where: null,
    limit: null,
    fail_calc: "count(*)",
    warn_if: "!= 0",
    error_if: "!= 0",
  }),
  analysis: () => built("view"),
  operation: () => built("view"),
}

export interface ConfigSources {
  type: ConfiguredType
  fqn: readonly string[]
  /** The project that owns the node. */
  own: ProjectConfig
  root: ProjectConfig
  /** From properties files, later ones over earlier ones. */
  properties: readonly ConfigLayer[]
  /** From `config()` in the file, in the order of the calls. */
  inFile: readonly ConfigLayer[]
}

export interface BuiltConfig {
  config: NodeConfig
  /** What was said, as it was said. */
  unrendered: YamlMap
}

/**
 * A node's config: its project's tree from the outside in, then properties files, then `config()` in the file; and last, for a
 * node of a package, the tree of the root project, which so has the last word over packages.
 */
export function buildConfig({ type, fqn, own, root, properties, inFile }: ConfigSources): BuiltConfig {
  const tree = TREES[type]
  const layers: ConfigLayer[] = [
    ...(tree ? treeLayers(own, tree, fqn) : []),
    ...properties,
    ...inFile,
    ...(tree && own !== root ? treeLayers(root, tree, fqn) : []),
  ]
  const config = DEFAULTS[type]()
  const unrendered: ConfigLayer = {}
  for (const layer of layers) {
    mergeLayer(config, layer)
    mergeLayer(unrendered, layer)
  }
  return { config: normalise(config), unrendered: unrendered as YamlMap }
}

function normalise(config: ConfigLayer): NodeConfig {
  const docs = (isRecord(config.docs) ? config.docs : {}) as Partial<Docs>
  return {
    ...config,
    enabled: (config.enabled ?? true) as boolean,
    tags: [...new Set(asList(config.tags).map(String))],
    ...("docs" in config && { docs: { ...docs, show: docs.show ?? true, node_color: docs.node_color ?? null } }),
    ...("store_failures" in config && storing(config)),
    ...("pre-hook" in config && {
      "pre-hook": asList(config["pre-hook"]).map(toHook),
      "post-hook": asList(config["post-hook"]).map(toHook),
    }),
  } as NodeConfig
}

/** Whether failures of a test are stored and how say the same; each follows from the other. */
function storing({ store_failures: isStored, store_failures_as: as }: ConfigLayer): ConfigLayer {
  if (typeof as === "string") return { store_failures: as !== "ephemeral", store_failures_as: as }
  if (typeof isStored !== "boolean") return {}
  return { store_failures_as: isStored ? "table" : "ephemeral" }
}

/** A hook is SQL, or a map that also says whether it runs in the transaction, which may be written as JSON. */
export function toHook(value: unknown): Hook {
  const map = typeof value === "string" ? parseJson(value) : value
  if (!isRecord(map)) return { sql: String(value), transaction: true, index: null }
  return {
    sql: String(map.sql ?? ""),
    transaction: map.transaction !== false,
    index: typeof map.index === "number" ? map.index : null,
  }
}

function parseJson(text: string): unknown {
  if (!text.trimStart().startsWith("{") || text.trimStart().startsWith("{{") || text.trimStart().startsWith("{%"))
    return null
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
