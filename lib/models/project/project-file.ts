import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"
import { type Problem, ProjectError } from "./project-error.ts"
import { readYaml, type Yaml, type YamlFile, type YamlMap, type YamlPath } from "./read-yaml.ts"
import { pushSchemaProblems } from "./schema-problems.ts"

/** Turns the templates in a YAML value into what they render to; the path lets it leave some alone. */
export type RenderYaml = (value: Yaml, file: YamlFile, shouldRender: (path: YamlPath) => boolean) => Yaml

/** The trees of `dbt_project.yml` in which folders and names lead to configs. */
export const CONFIG_TREES = [
  "models",
  "seeds",
  "snapshots",
  "data_tests",
  "sources",
  "unit_tests",
  "exposures",
  "metrics",
  "semantic-models",
  "saved-queries",
  "functions",
] as const
export type ConfigTreeName = (typeof CONFIG_TREES)[number]

export interface ProjectConfig {
  name: string
  version: string | null
  profile: string | null
  requireDbtVersion: string[]
  requireDbtVersionIsStrict: boolean
  modelPaths: string[]
  seedPaths: string[]
  snapshotPaths: string[]
  testPaths: string[]
  analysisPaths: string[]
  macroPaths: string[]
  docsPaths: string[]
  assetPaths: string[]
  targetPath: string
  packagesInstallPath: string
  cleanTargets: string[]
  quoting: Partial<Record<"database" | "schema" | "identifier", boolean>>
  onRunStart: string[]
  onRunEnd: string[]
  queryComment: Yaml
  flags: YamlMap
  dispatch: { macro_namespace: string; search_order: string[] }[]
  vars: YamlMap
  restrictAccess: boolean
  trees: Record<ConfigTreeName, YamlMap>
}

export const PROJECT_FILE = "dbt_project.yml"

const paths = z.preprocess(
  (value) => (typeof value === "string" ? [value] : value),
  z.array(z.string().regex(/^(?!\/)/, "has to be a path inside of the project, not an absolute one")),
)
const texts = z
  .preprocess((value) => (value === null ? [] : typeof value === "string" ? [value] : value), z.array(z.string()))
  .default([])
const tree = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => (value ?? {}) as YamlMap)

const schema = z.strictObject({
  name: z
    .string()
    .regex(/^[^\d\W]\w*$/, "has to be made of letters, digits and underscores, and not begin with a digit"),
  version: z.union([z.string(), z.number()]).nullish(),
  "config-version": z.number().nullish(),
  profile: z.string().nullish(),
  "project-root": z.string().nullish(),
  "require-dbt-version": z.union([z.string(), z.array(z.string())]).nullish(),
  "model-paths": paths.nullish(),
  "source-paths": paths.nullish(),
  "seed-paths": paths.nullish(),
  "data-paths": paths.nullish(),
  "snapshot-paths": paths.nullish(),
  "test-paths": paths.nullish(),
  "analysis-paths": paths.nullish(),
  "macro-paths": paths.nullish(),
  "docs-paths": paths.nullish(),
  "asset-paths": paths.nullish(),
  "function-paths": paths.nullish(),
  "target-path": z.string().nullish(),
  "log-path": z.string().nullish(),
  "packages-install-path": z.string().nullish(),
  "clean-targets": z.array(z.string()).nullish(),
  quoting: z
    .strictObject({
      database: z.boolean().optional(),
      schema: z.boolean().optional(),
      identifier: z.boolean().optional(),
      snowflake_ignore_case: z.boolean().optional(),
    })
    .nullish(),
  "on-run-start": texts,
  "on-run-end": texts,
  "query-comment": z.unknown().optional(),
  flags: tree,
  dispatch: z.array(z.strictObject({ macro_namespace: z.string(), search_order: z.array(z.string()) })).nullish(),
  vars: tree,
  "restrict-access": z.boolean().nullish(),
  "dbt-cloud": z.unknown().optional(),
  packages: z.unknown().optional(),
  models: tree,
  seeds: tree,
  snapshots: tree,
  tests: tree,
  data_tests: tree,
  sources: tree,
  unit_tests: tree,
  exposures: tree,
  metrics: tree,
  "semantic-models": tree,
  "saved-queries": tree,
  functions: tree,
})

/**
 * Reads `dbt_project.yml` in a folder. Templates in it are rendered by `render`, but those of hooks, `query-comment` and
 * `vars`, which are rendered where they are used.
 * @throws ProjectError when there is none, or with every key that is unknown or of the wrong type.
 */
export function readProjectFile(folder: string, render: RenderYaml, shownAs = PROJECT_FILE): ProjectConfig {
  const file = path.join(folder, PROJECT_FILE)
  if (!existsSync(file)) {
    throw new ProjectError({
      message: `There is no ${PROJECT_FILE} in ${folder}; a dbt project has one in its first folder.`,
    })
  }
  const yaml = readYaml(readFileSync(file, "utf8"), shownAs)
  const value = withUnderscores(render(yaml.value, yaml, shouldRender))
  const result = schema.safeParse(value ?? {})
  if (!result.success) {
    const problems: Problem[] = []
    pushSchemaProblems(problems, result.error, yaml, Object.keys(schema.shape))
    throw new ProjectError(problems)
  }
  return toConfig(result.data)
}

function toConfig(file: z.output<typeof schema>): ProjectConfig {
  const modelPaths = file["model-paths"] ?? file["source-paths"] ?? ["models"]
  const seedPaths = file["seed-paths"] ?? file["data-paths"] ?? ["seeds"]
  const snapshotPaths = file["snapshot-paths"] ?? ["snapshots"]
  const analysisPaths = file["analysis-paths"] ?? ["analyses"]
  const macroPaths = file["macro-paths"] ?? ["macros"]
  const versions = file["require-dbt-version"] ?? []
  return {
    name: file.name,
    version: file.version === undefined || file.version === null ? null : String(file.version),
    profile: file.profile ?? null,
    requireDbtVersion: typeof versions === "string" ? versions.split(",").map((part) => part.trim()) : versions,
    requireDbtVersionIsStrict: typeof versions !== "string",
    modelPaths,
    seedPaths,
    snapshotPaths,
    testPaths: file["test-paths"] ?? ["tests"],
    analysisPaths,
    macroPaths,
    docsPaths: file["docs-paths"] ?? [...modelPaths, ...seedPaths, ...snapshotPaths, ...analysisPaths, ...macroPaths],
    assetPaths: file["asset-paths"] ?? [],
    targetPath: file["target-path"] ?? "target",
    packagesInstallPath: file["packages-install-path"] ?? "dbt_packages",
    cleanTargets: file["clean-targets"] ?? ["target"],
    quoting: file.quoting ?? {},
    onRunStart: file["on-run-start"],
    onRunEnd: file["on-run-end"],
    queryComment: (file["query-comment"] ?? null) as Yaml,
    flags: file.flags,
    dispatch: file.dispatch ?? [],
    vars: file.vars,
    restrictAccess: file["restrict-access"] ?? false,
    trees: {
      models: file.models,
      seeds: file.seeds,
      snapshots: file.snapshots,
      data_tests: { ...file.tests, ...file.data_tests },
      sources: file.sources,
      unit_tests: file.unit_tests,
      exposures: file.exposures,
      metrics: file.metrics,
      "semantic-models": file["semantic-models"],
      "saved-queries": file["saved-queries"],
      functions: file.functions,
    },
  }
}

/** dbt takes `unit-tests` and `data-tests` for the trees it documents with underscores. */
function withUnderscores(value: Yaml): Yaml {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value
  const aliases: Record<string, string> = {
    "unit-tests": "unit_tests",
    "data-tests": "data_tests",
    semantic_models: "semantic-models",
    saved_queries: "saved-queries",
  }
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [aliases[key] ?? key, each])) as YamlMap
}

const RENDERED_LATER = new Set<string | number>(["on-run-start", "on-run-end", "query-comment", "vars"])
const HOOKS = new Set(["pre-hook", "post-hook", "pre_hook", "post_hook"])

function shouldRender(path: YamlPath): boolean {
  return (
    !RENDERED_LATER.has(path[0] ?? "") &&
    !path.some((key) => typeof key === "string" && HOOKS.has(key.replace(/^\+\s*/, "")))
  )
}
