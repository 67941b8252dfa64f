import { toColumns } from "./columns.ts"
import { describer } from "./descriptions.ts"
import { asList, type ConfigLayer, mergeLayer, treeLayers } from "./merge-config.ts"
import { fqnPrefix } from "./names.ts"
import type { FreshnessThreshold, SourceNode } from "./node.ts"
import type { ParseState } from "./parse-state.ts"
import { type PropertiesFile, placeOf } from "./patches.ts"
import { ProjectError } from "./project-error.ts"
import type { SourceProperties, SourceTableProperties } from "./properties-schema.ts"
import type { Entry } from "./read-properties.ts"
import type { Yaml, YamlMap } from "./read-yaml.ts"
import { relationName } from "./relation-name.ts"

/** A table of a source, with the entries that toDescription it: its own, and those of an override in the root project. */
export interface SourceTable {
  file: PropertiesFile
  entry: Entry<SourceProperties>
  source: SourceProperties
  table: SourceTableProperties
}

/** All tables of all sources. An entry with `overrides: package` changes that package's source instead of being one. */
export function listSourceTables(files: readonly PropertiesFile[]): SourceTable[] {
  const overrides = new Map<string, SourceProperties>()
  for (const file of files) {
    for (const { value } of file.content.sources) {
      if (value.overrides) overrides.set(`${value.overrides}.${value.name}`, value)
    }
  }
  return files.flatMap((file) =>
    file.content.sources
      .filter(({ value }) => !value.overrides)
      .flatMap((entry) => {
        const override = overrides.get(`${file.of.name}.${entry.value.name}`)
        const source = override ? overrideSource(entry.value, override) : entry.value
        return (source.tables ?? []).map((table) => ({ file, entry, source, table }))
      }),
  )
}

function overrideSource(source: SourceProperties, override: SourceProperties): SourceProperties {
  const { tables, overrides: _, ...rest } = override
  const merged = { ...source, ...rest, meta: { ...source.meta, ...rest.meta } }
  const tableOf = new Map((tables ?? []).map((table) => [table.name, table]))
  return { ...merged, tables: (source.tables ?? []).map((table) => ({ ...table, ...tableOf.get(table.name) })) }
}

/** Makes a source of a table. @throws ProjectError when another has its id and both are enabled. */
export function parseSource(state: ParseState, sourceTable: SourceTable): SourceNode {
  const { file, entry, source, table } = sourceTable
  const { of } = file
  const toDescription = describer(state, of, file, entry)
  const fqn = [...fqnPrefix(of.name, file.relativePath), source.name, table.name]
  const { config, unrendered } = sourceConfig(state, sourceTable, fqn)
  const database = source.database ?? state.target.database
  const schema = source.schema ?? source.name
  const identifier = table.identifier ?? table.name
  const quoting = {
    database: null,
    schema: null,
    identifier: null,
    column: null,
    ...source.quoting,
    ...defined(table.quoting),
  }
  const node: SourceNode = {
    database,
    schema,
    name: table.name,
    resource_type: "source",
    package_name: of.name,
    path: file.path,
    original_file_path: file.path,
    unique_id: `source.${of.name}.${source.name}.${table.name}`,
    fqn,
    source_name: source.name,
    source_description: toDescription(source.description ?? ""),
    loader: table.loader ?? source.loader ?? "",
    identifier,
    quoting: quoting as YamlMap,
    loaded_at_field: field("loaded_at_field", config, source, table),
    loaded_at_query: field("loaded_at_query", config, source, table),
    freshness: config.freshness as FreshnessThreshold | null,
    external: (table.external ?? null) as Yaml,
    description: toDescription(table.description ?? ""),
    columns: toColumns(table.columns, toDescription),
    meta: { ...source.meta, ...table.meta, ...(config.meta as YamlMap | undefined) } as YamlMap,
    source_meta: (source.meta ?? {}) as YamlMap,
    tags: [...new Set([...asList(source.tags), ...asList(table.tags), ...asList(config.tags)].map(String))],
    config,
    patch_path: null,
    unrendered_config: unrendered,
    relation_name: relationName({ database, schema, identifier }, state.root.config.quoting, quoting),
  }
  addSource(state, sourceTable, node)
  return node
}

function sourceConfig(state: ParseState, { file, source, table }: SourceTable, fqn: readonly string[]) {
  const own = file.of.config
  const root = state.root.config
  const config: ConfigLayer = { enabled: true, event_time: null }
  const unrendered: ConfigLayer = {}
  const layers = [
    ...treeLayers(own, "sources", fqn),
    { ...source.config },
    { ...table.config },
    ...(own === root ? [] : treeLayers(root, "sources", fqn)),
  ]
  for (const layer of layers) {
    mergeLayer(config, layer)
    mergeLayer(unrendered, layer)
  }
  config.freshness = mergeFreshness(layers, [source.freshness, table.freshness])
  config.enabled = config.enabled !== false
  return { config: config as SourceNode["config"], unrendered: unrendered as YamlMap }
}

type FreshnessProperties = SourceProperties["freshness"]

/**
 * Each level adds its thresholds to those before; one that says null takes all away; where nobody speaks, both are empty. Levels are the config tree, the source
 * and the table; what `config:` says counts at the level that it stands in.
 */
function mergeFreshness(
  layers: readonly ConfigLayer[],
  [ofSource, ofTable]: readonly FreshnessProperties[],
): FreshnessThreshold | null {
  const fromConfig = layers.flatMap((layer) => ("freshness" in layer ? [layer.freshness as FreshnessProperties] : []))
  let merged: FreshnessThreshold | null = NO_FRESHNESS
  for (const level of [...fromConfig, ofSource, ofTable]) {
    if (level === undefined) continue
    if (level === null) {
      merged = null
      continue
    }
    const before: FreshnessThreshold = merged ?? NO_FRESHNESS
    merged = {
      warn_after: threshold(level.warn_after, before.warn_after),
      error_after: threshold(level.error_after, before.error_after),
      filter: level.filter ?? before.filter,
    }
  }
  return merged
}

const NO_TIME = { count: null, period: null }
const NO_FRESHNESS: FreshnessThreshold = { warn_after: NO_TIME, error_after: NO_TIME, filter: null }

function threshold(
  level: { count?: number | null | undefined; period?: string | null | undefined } | null | undefined,
  before: FreshnessThreshold["warn_after"],
): FreshnessThreshold["warn_after"] {
  return level ? { count: level.count ?? null, period: level.period ?? null } : before
}

function field(
  name: "loaded_at_field" | "loaded_at_query",
  config: ConfigLayer,
  source: SourceProperties,
  table: SourceTableProperties,
): string | null {
  const other = name === "loaded_at_field" ? "loaded_at_query" : "loaded_at_field"
  if (table[name]) return table[name]
  if (typeof config[name] === "string") return config[name]
  // A table that says it in the other way does not take this one from its source.
  return table[other] ? null : (source[name] ?? null)
}

function defined(map: Record<string, unknown> | null | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map ?? {}).filter(([, value]) => value !== null && value !== undefined))
}

function addSource({ manifest }: ParseState, { file, entry }: SourceTable, node: SourceNode): void {
  if (!node.config.enabled) {
    manifest.disabled.set(node.unique_id, [...(manifest.disabled.get(node.unique_id) ?? []), node])
    return
  }
  const other = manifest.sources.get(node.unique_id)
  if (other) {
    const message = `there are two tables "${node.name}" in source "${node.source_name}": the other stands in ${other.original_file_path}.`
    throw new ProjectError({ ...placeOf(file, entry), message })
  }
  manifest.sources.set(node.unique_id, node)
}
