import { sha256 } from "./checksum.ts"
import { describer } from "./descriptions.ts"
import { asList, type ConfigLayer, mergeLayer, treeLayers } from "./merge-config.ts"
import { fqnPrefix } from "./names.ts"
import type { ExposureNode, GraphNode, SemanticNode, UnitTestFixture, UnitTestNode } from "./node.ts"
import type { ParseState } from "./parse-state.ts"
import { type PropertiesFile, placeOf } from "./patches.ts"
import { ProjectError, withPlace } from "./project-error.ts"
import type { ConfigTreeName } from "./project-file.ts"
import type { ExposureProperties, SemanticProperties, UnitTestProperties } from "./properties-schema.ts"
import type { Entry } from "./read-properties.ts"
import type { YamlMap, YamlPath } from "./read-yaml.ts"
import { readStaticCalls } from "./static-calls.ts"
import { unitTestRows } from "./unit-test-rows.ts"

/** Makes everything that stands in properties files alone and is no source: exposures, groups, unit tests, the semantic layer. */
export function parseEntries(state: ParseState, file: PropertiesFile): void {
  const { content } = file
  for (const entry of content.groups) addGroup(state, file, entry)
  for (const entry of content.exposures) parseExposure(state, file, entry)
  for (const entry of content.unit_tests) parseUnitTests(state, file, entry)
  for (const entry of content.metrics) parseSemantic(state, file, entry, "metric")
  for (const entry of content.semantic_models) parseSemantic(state, file, entry, "semantic_model")
  for (const entry of content.saved_queries) parseSemantic(state, file, entry, "saved_query")
}

const identity = ({ of, path, relativePath }: PropertiesFile) => ({
  package_name: of.name,
  path: relativePath,
  original_file_path: path,
})

function entryConfig(
  state: ParseState,
  file: PropertiesFile,
  tree: ConfigTreeName,
  fqn: readonly string[],
  layer: ConfigLayer,
) {
  const own = file.of.config
  const root = state.root.config
  const config: ConfigLayer = { enabled: true }
  const unrendered: ConfigLayer = {}
  for (const each of [...treeLayers(own, tree, fqn), layer, ...(own === root ? [] : treeLayers(root, tree, fqn))]) {
    mergeLayer(config, each)
    mergeLayer(unrendered, each)
  }
  return { config: { ...config, enabled: config.enabled !== false }, unrendered: unrendered as YamlMap }
}

function addGroup(
  { manifest }: ParseState,
  file: PropertiesFile,
  entry: Entry<{ name: string; owner: object; description?: unknown }>,
): void {
  const { name, owner, description } = entry.value
  const uniqueId = `group.${file.of.name}.${name}`
  if (manifest.groups.has(uniqueId)) throw twice(file, entry, "group", name)
  manifest.groups.set(uniqueId, {
    ...identity(file),
    unique_id: uniqueId,
    name,
    resource_type: "group",
    owner: { email: null, name: null, ...owner } as YamlMap,
    description: typeof description === "string" ? description : null,
  })
}

function parseExposure(state: ParseState, file: PropertiesFile, entry: Entry<ExposureProperties>): void {
  const { value } = entry
  const fqn = [...fqnPrefix(file.of.name, file.relativePath), value.name]
  const { config, unrendered } = entryConfig(state, file, "exposures", fqn, { ...value.config })
  const path = [...entry.path, "depends_on"]
  const calls = (value.depends_on ?? []).map((text) => callsOf(state, text, file, path))
  const node: ExposureNode = {
    ...identity(file),
    unique_id: `exposure.${file.of.name}.${value.name}`,
    name: value.name,
    resource_type: "exposure",
    fqn,
    label: value.label ?? null,
    type: value.type,
    owner: { email: null, name: null, ...value.owner } as YamlMap,
    description: describer(state, file.of, file, entry)(value.description ?? ""),
    maturity: value.maturity ?? null,
    url: value.url ?? null,
    meta: { ...(config as ConfigLayer & { meta?: YamlMap }).meta, ...(value.meta as YamlMap | undefined) },
    tags: [...new Set([...asList((config as ConfigLayer).tags), ...asList(value.tags)].map(String))],
    config,
    unrendered_config: unrendered,
    depends_on: { macros: [], nodes: [] },
    refs: calls.flatMap(({ refs }) => refs),
    sources: calls.flatMap(({ sources }) => sources),
    metrics: calls.flatMap(({ metrics }) => metrics),
  }
  add(state, state.manifest.exposures, node, file, entry)
}

/** `ref('a')`, without braces, as depends_on, `input` and `relation` have it. */
function callsOf(state: ParseState, expression: string, { of, path: name, content }: PropertiesFile, path: YamlPath) {
  const calls = readStaticCalls(`{{ ${expression} }}`)
  if (calls) return calls
  const place = () => content.yaml.at(path)
  return withPlace(name, place, () => state.renderer.renderExpression(expression, of.name, { file: name, line: 1 }))
}

function parseUnitTests(state: ParseState, file: PropertiesFile, entry: Entry<UnitTestProperties>): void {
  const { value } = entry
  const { manifest } = state
  const tested = testedModels(state, file, value)
  if (tested.length === 0) {
    const isDisabled = [...manifest.disabled.keys()].some((id) => id.startsWith(`model.${file.of.name}.${value.model}`))
    if (isDisabled) return
    throw new ProjectError({
      ...placeOf(file, entry),
      message: `unit test "${value.name}" tests a model "${value.model}", which is not there.`,
    })
  }
  for (const model of tested) {
    const suffix = model.version === null ? [] : [`v${model.version}`]
    const fqn = [...fqnPrefix(file.of.name, file.relativePath), value.model, value.name]
    const { config } = entryConfig(state, file, "unit_tests", fqn, {
      ...value.config,
      ...(value.meta && { meta: value.meta }),
      ...(value.tags && { tags: value.tags }),
    })
    const full = { tags: [] as string[], meta: {}, ...config } as UnitTestNode["config"]
    const overrides = value.overrides
    const node: UnitTestNode = {
      ...identity(file),
      unique_id: [`unit_test.${file.of.name}.${value.model}.${value.name}`, ...suffix].join("_"),
      name: value.name,
      resource_type: "unit_test",
      fqn,
      model: value.model,
      given: (value.given ?? []).map((given) => ({ ...rowsOf(given, file, entry), input: given.input })),
      expect: rowsOf(value.expect, file, entry),
      description: describer(state, file.of, file, entry)(value.description ?? ""),
      overrides: overrides
        ? ({
            macros: overrides.macros ?? {},
            vars: overrides.vars ?? {},
            env_vars: overrides.env_vars ?? {},
          } as UnitTestNode["overrides"])
        : null,
      config: full,
      tags: full.tags,
      version: model.version,
      tested_node_unique_id: model.unique_id,
      depends_on: { macros: [], nodes: [model.unique_id] },
      checksum: sha256(JSON.stringify(value)),
    }
    add(state, manifest.unitTests, node, file, entry)
  }
}

function testedModels({ manifest }: ParseState, { of }: PropertiesFile, { model, versions }: UnitTestProperties) {
  const found = [...manifest.nodes.values()].flatMap((node) =>
    node.resource_type === "model" && node.name === model && node.package_name === of.name ? [node] : [],
  )
  const include = versions?.include?.map(String)
  const exclude = (versions?.exclude ?? []).map(String)
  return found.filter(
    ({ version }) => !exclude.includes(String(version)) && (include?.includes(String(version)) ?? true),
  )
}

function rowsOf(
  given: UnitTestProperties["expect"],
  file: PropertiesFile,
  entry: Entry<UnitTestProperties>,
): UnitTestFixture {
  try {
    return unitTestRows(given, file.of)
  } catch (error) {
    const message = `unit test "${entry.value.name}": ${(error as Error).message}`
    throw new ProjectError({ ...placeOf(file, entry), message }, { cause: error })
  }
}

const SEMANTIC_TREES = { metric: "metrics", semantic_model: "semantic-models", saved_query: "saved-queries" } as const

function parseSemantic(
  state: ParseState,
  file: PropertiesFile,
  entry: Entry<SemanticProperties>,
  type: SemanticNode["resource_type"],
): void {
  const { value } = entry
  const fqn = [...fqnPrefix(file.of.name, file.relativePath), value.name]
  const { config } = entryConfig(state, file, SEMANTIC_TREES[type], fqn, { ...value.config })
  const refs = typeof value.model === "string" ? callsOf(state, value.model, file, entry.path).refs : []
  const node: SemanticNode = {
    ...identity(file),
    unique_id: `${type}.${file.of.name}.${value.name}`,
    name: value.name,
    resource_type: type,
    fqn,
    description: describer(state, file.of, file, entry)(value.description ?? ""),
    label: value.label ?? null,
    meta: { ...(config as { meta?: YamlMap }).meta, ...(value.meta as YamlMap | undefined) },
    tags: [...asList((config as ConfigLayer).tags), ...asList(value.tags)].map(String),
    group: value.group ?? null,
    config,
    definition: value as YamlMap,
    depends_on: { macros: [], nodes: [] },
    refs,
  }
  const { metrics, semanticModels, savedQueries } = state.manifest
  add(state, { metric: metrics, semantic_model: semanticModels, saved_query: savedQueries }[type], node, file, entry)
}

function add<T extends ExposureNode | SemanticNode | UnitTestNode>(
  { manifest }: ParseState,
  into: Map<string, T>,
  node: T,
  file: PropertiesFile,
  entry: Entry<unknown>,
): void {
  if (!node.config.enabled) {
    manifest.disabled.set(node.unique_id, [...(manifest.disabled.get(node.unique_id) ?? []), node])
  } else if (into.has(node.unique_id)) throw twice(file, entry, label(node), node.name)
  else into.set(node.unique_id, node)
}

const label = ({ resource_type }: GraphNode): string => resource_type.replace("_", " ")

function twice(file: PropertiesFile, entry: Entry<unknown>, what: string, name: string): ProjectError {
  return new ProjectError({
    ...placeOf(file, entry),
    message: `there are two ${what}s named "${name}"; rename or remove one.`,
  })
}
