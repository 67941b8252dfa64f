import type { z } from "zod"
import { closest } from "../../domain/closest.ts"
import { type Problem, ProjectError } from "./project-error.ts"
import type { RenderYaml } from "./project-file.ts"
import {
  type ExposureProperties,
  exposureSchema,
  type GroupProperties,
  groupSchema,
  type MacroProperties,
  type ModelProperties,
  macroSchema,
  modelSchema,
  type NodeProperties,
  nodeSchema,
  type SemanticProperties,
  type SingularTestProperties,
  type SnapshotProperties,
  type SourceProperties,
  semanticSchema,
  singularTestSchema,
  snapshotSchema,
  sourceSchema,
  tableSchema,
  type UnitTestProperties,
  unitTestSchema,
} from "./properties-schema.ts"
import { readYaml, type Yaml, type YamlFile, type YamlMap, type YamlPath } from "./read-yaml.ts"
import { pushSchemaProblems } from "./schema-problems.ts"

/** An entry of a properties file and the way to it. */
export interface Entry<T> {
  value: T
  path: YamlPath
}

/** What one properties file says, by the list it stands in. */
export interface Properties {
  yaml: YamlFile
  models: Entry<ModelProperties>[]
  seeds: Entry<NodeProperties>[]
  snapshots: Entry<SnapshotProperties>[]
  analyses: Entry<NodeProperties>[]
  sources: Entry<SourceProperties>[]
  macros: Entry<MacroProperties>[]
  exposures: Entry<ExposureProperties>[]
  groups: Entry<GroupProperties>[]
  unit_tests: Entry<UnitTestProperties>[]
  data_tests: Entry<SingularTestProperties>[]
  metrics: Entry<SemanticProperties>[]
  semantic_models: Entry<SemanticProperties>[]
  saved_queries: Entry<SemanticProperties>[]
  warnings: Problem[]
}

const SCHEMAS = {
  models: modelSchema,
  seeds: nodeSchema,
  snapshots: snapshotSchema,
  analyses: nodeSchema,
  sources: sourceSchema,
  macros: macroSchema,
  exposures: exposureSchema,
  groups: groupSchema,
  unit_tests: unitTestSchema,
  data_tests: singularTestSchema,
  tests: singularTestSchema,
  metrics: semanticSchema,
  semantic_models: semanticSchema,
  saved_queries: semanticSchema,
} as const satisfies Record<string, z.ZodObject>

/**
 * Reads a properties file. Templates in it are rendered, but those of descriptions, tests and hooks, which are rendered where
 * they are used. Top-level keys that are no list of ours are passed over, as dbt does (people keep anchors there).
 * @throws ProjectError with every entry that cannot be.
 */
export function readProperties(text: string, file: string, render: RenderYaml): Properties {
  // dbt reads the text without the white space at its end, so a text block that ends the file has no line end.
  const yaml = readYaml(text.trimEnd(), file)
  // Templates, or text blocks, whose last line end rendering takes off.
  const isRendered = /\{[{%#]|[|>]\s*(?:#.*)?$/m.test(text)
  const problems: Problem[] = []
  const warnings: Problem[] = []
  const read = <K extends keyof typeof SCHEMAS>(key: K): Entry<z.output<(typeof SCHEMAS)[K]>>[] => {
    const list = isMap(yaml.value) ? yaml.value[key] : null
    if (list === null || list === undefined) return []
    if (!Array.isArray(list)) {
      problems.push({ file, ...yaml.at([key]), message: `"${key}" has to be a list; begin each entry with "- name:".` })
      return []
    }
    const schema: z.ZodObject = SCHEMAS[key]
    return list.flatMap((entry, index) => {
      const value = isRendered ? render(entry, yaml, (path) => isRenderedNow(key, path)) : entry
      const result = schema.safeParse(value)
      if (result.success) {
        warnings.push(...misspeltKeys(result.data, schema, yaml, [key, index]))
        return [{ value: result.data as z.output<(typeof SCHEMAS)[K]>, path: [key, index] }]
      }
      pushSchemaProblems(problems, result.error, yaml, Object.keys(schema.shape), [key, index])
      return []
    })
  }
  const properties: Properties = {
    yaml,
    models: read("models"),
    seeds: read("seeds"),
    snapshots: read("snapshots"),
    analyses: read("analyses"),
    sources: read("sources"),
    macros: read("macros"),
    exposures: read("exposures"),
    groups: read("groups"),
    unit_tests: read("unit_tests"),
    data_tests: [...read("tests"), ...read("data_tests")],
    metrics: read("metrics"),
    semantic_models: read("semantic_models"),
    saved_queries: read("saved_queries"),
    warnings,
  }
  if (problems.length > 0) throw new ProjectError(problems)
  return properties
}

/** Keys that dbt does not know and that look like one that it does. Of source tables too, the entries with the most keys. */
function misspeltKeys(entry: Record<string, unknown>, schema: z.ZodObject, yaml: YamlFile, path: YamlPath): Problem[] {
  // Entries of the semantic layer have keys of their own.
  if (schema === semanticSchema) return []
  const own = Object.keys(entry).flatMap((key): Problem[] => {
    const meant = key in schema.shape ? null : closest(key, Object.keys(schema.shape))
    if (meant === null) return []
    return [
      { file: yaml.file, ...yaml.at([...path, key]), message: `there is no key "${key}"; did you mean "${meant}"?` },
    ]
  })
  const tables =
    schema === sourceSchema && Array.isArray(entry.tables) ? (entry.tables as Record<string, unknown>[]) : []
  return [
    ...own,
    ...tables.flatMap((table, index) => misspeltKeys(table, tableSchema, yaml, [...path, "tables", index])),
  ]
}

const RENDERED_WHERE_USED = new Set<string | number | undefined>(["description", "tests", "data_tests"])
const HOOKS = new Set<string | number | undefined>(["pre_hook", "post_hook", "pre-hook", "post-hook"])

/**
 * Paths are relative to the entry; a source's tables and a model's versions are entries of their own. Filters and expressions
 * of the semantic layer are templates for it, not for us.
 */
function isRenderedNow(key: string, path: YamlPath): boolean {
  const [first, second, third] = path[0] === "tables" || path[0] === "versions" ? path.slice(2) : path
  if (RENDERED_WHERE_USED.has(first)) return false
  if ((first === "columns" || first === "arguments") && RENDERED_WHERE_USED.has(third)) return false
  if (first === "config" && HOOKS.has(second)) return false
  if (key === "exposures") return first !== "depends_on"
  if (key === "snapshots") return first !== "relation"
  return key !== "metrics" && key !== "semantic_models" && key !== "saved_queries"
}

function isMap(value: Yaml): value is YamlMap {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}
