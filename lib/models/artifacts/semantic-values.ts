import type { Yaml, YamlMap } from "../project/read-yaml.ts"

/** A value as a map; what is none is an empty one. */
export function recordOf(value: Yaml | undefined): YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as YamlMap) : {}
}

export function listOf(value: Yaml | undefined): readonly Yaml[] {
  return Array.isArray(value) ? value : []
}

/** A filter of the semantic layer, which may be written as one text or several. */
export function filterOf(value: Yaml | undefined): YamlMap | null {
  if (value == null) return null
  const texts = Array.isArray(value) ? value : [value]
  return { where_filters: texts.map((text) => ({ where_sql_template: String(text) })) }
}
