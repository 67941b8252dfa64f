import type { ConfigTreeName, ProjectConfig } from "./project-file.ts"
import type { Yaml, YamlMap } from "./read-yaml.ts"

/** What one level says, keyed without `+`. */
export type ConfigLayer = Record<string, unknown>

/** How a level's value joins that of the levels before; keys that are not named replace it. (dbt's documentation, "Configuration inheritance".) */
const MERGE: Readonly<Record<string, "append" | "update" | "grants">> = {
  tags: "append",
  "pre-hook": "append",
  "post-hook": "append",
  packages: "append",
  meta: "update",
  docs: "update",
  quoting: "update",
  column_types: "update",
  contract: "update",
  vars: "update",
  snapshot_meta_column_names: "update",
  grants: "grants",
}

const OTHER_NAMES: Readonly<Record<string, string>> = { pre_hook: "pre-hook", post_hook: "post-hook" }

/** Adds a level to a config, in place. Hooks and tags become lists. */
export function mergeLayer(config: ConfigLayer, layer: ConfigLayer): void {
  for (const written in layer) {
    const key = OTHER_NAMES[written] ?? written
    const value = layer[written]
    switch (MERGE[key]) {
      case "append":
        config[key] = [...asList(config[key]), ...asList(value)]
        break
      case "update":
        config[key] = isRecord(value)
          ? { ...(isRecord(config[key]) ? config[key] : {}), ...value }
          : (config[key] ?? value)
        break
      case "grants":
        config[key] = mergeGrants(isRecord(config[key]) ? config[key] : {}, isRecord(value) ? value : {})
        break
      case undefined:
        config[key] = value
        break
    }
  }
}

/** A privilege written with `+` adds its grantees to those of the levels before; without, it replaces them. */
function mergeGrants(before: ConfigLayer, layer: ConfigLayer): ConfigLayer {
  const merged = { ...before }
  for (const [key, grantees] of Object.entries(layer)) {
    const privilege = key.replace(/^\+\s*/, "")
    merged[privilege] = key.startsWith("+")
      ? [...new Set([...asList(merged[privilege]), ...asList(grantees)])]
      : asList(grantees)
  }
  return merged
}

/**
 * The levels of a project's config tree for a node, outermost first: at each folder of the node's fqn, keys with `+` and keys
 * whose value is no map are configs; other maps lead on to folders and names.
 */
export function treeLayers(config: ProjectConfig, tree: ConfigTreeName, fqn: readonly string[]): ConfigLayer[] {
  const layers: ConfigLayer[] = []
  let level: YamlMap = config.trees[tree]
  pushLayer(layers, level)
  for (const part of fqn) {
    const next = level[part]
    if (!isRecord(next)) break
    level = next as YamlMap
    pushLayer(layers, level)
  }
  return layers
}

function pushLayer(layers: ConfigLayer[], level: YamlMap): void {
  const layer: ConfigLayer = {}
  let isEmpty = true
  for (const key in level) {
    const value = level[key] as Yaml
    if (key.startsWith("+")) layer[key.slice(1).trim()] = value
    else if (!isRecord(value)) layer[key] = value
    else continue
    isEmpty = false
  }
  if (!isEmpty) layers.push(layer)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

export function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : value === null || value === undefined ? [] : [value]
}
