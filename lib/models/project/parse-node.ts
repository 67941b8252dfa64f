import { hasTemplate } from "../context/yaml-renderer.ts"
import { fileChecksum } from "./checksum.ts"
import type { ProjectFile } from "./find-files.ts"
import type { Package } from "./load-project.ts"
import { asList, type ConfigLayer, isRecord } from "./merge-config.ts"
import { fileStem } from "./names.ts"
import type { BaseNode, ColumnInfo, Docs, ParsedNode } from "./node.ts"
import { buildConfig, type ConfigSources, type ConfiguredType } from "./node-config.ts"
import type { ParseState, Rendering, TemplateSource } from "./parse-state.ts"
import { ProjectError } from "./project-error.ts"
import type { Yaml, YamlMap } from "./read-yaml.ts"
import { relationName } from "./relation-name.ts"
import { type Calls, readStaticCalls } from "./static-calls.ts"

/** What is known of a node before its template is read. */
export interface NodeDraft {
  type: ConfiguredType
  of: Package
  name: string
  uniqueId: string
  fqn: string[]
  path: string
  originalFilePath: string
  rawCode: string
  startLine: number
  language?: "sql" | "python"
  checksum: BaseNode["checksum"]
  /** Config layers of properties files, and what else they say. */
  properties?: readonly ConfigLayer[]
  description?: string
  columns?: Record<string, ColumnInfo>
  patchPath?: string | null
  version?: string | number | null
  /** Fields of the node's own type. */
  extra?: object
  /** How its template is read; where it is left out, statically if that will do. */
  read?: (node: ParsedNode, source: TemplateSource) => Rendering
}

const NO_CALLS: Calls = { refs: [], sources: [], metrics: [], configs: [] }

/** @throws ProjectError for a value that would silently mean something else, as the text "false" for `enabled`. */
function checkConfig({ config, name, original_file_path, start_line }: ParsedNode): void {
  const fault =
    typeof config.enabled !== "boolean"
      ? `"enabled" has to be true or false, not ${JSON.stringify(config.enabled)}; a template can end in "| as_bool"`
      : typeof config.materialized !== "string"
        ? `"materialized" has to be a name, not ${JSON.stringify(config.materialized)}`
        : null
  if (fault === null) return
  throw new ProjectError({ file: original_file_path, line: start_line, column: 1, message: `"${name}": ${fault}.` })
}

/** Makes a node of a draft: reads its template, merges its config, names its relation. It is not in the manifest yet. */
export function parseNode(state: ParseState, draft: NodeDraft): ParsedNode {
  const { of, type } = draft
  const sources: Omit<ConfigSources, "inFile"> = {
    type,
    fqn: draft.fqn,
    own: of.config,
    root: state.root.config,
    properties: draft.properties ?? [],
  }
  const rendering = readQuickly(state, draft) ?? renderDraft(state, draft, sources)
  const node = toNode(draft, buildConfig({ ...sources, inFile: rendering.configs }), rendering)
  node.depends_on.macros.push(...rendering.macros)
  checkConfig(node)
  nameRelation(state, node)
  readHooks(state, node)
  return node
}

function renderDraft(state: ParseState, draft: NodeDraft, sources: Omit<ConfigSources, "inFile">): Rendering {
  const preliminary = toNode(draft, buildConfig({ ...sources, inFile: [] }), NO_CALLS)
  nameRelation(state, preliminary)
  const source = { text: draft.rawCode, file: draft.originalFilePath, line: draft.startLine }
  return (draft.read ?? state.renderer.renderNode)(preliminary, source)
}

/** What a node's hooks need, the node needs. */
function readHooks(state: ParseState, node: ParsedNode): void {
  const { "pre-hook": before = [], "post-hook": after = [] } = node.config
  for (const { sql } of [...before, ...after]) {
    if (!hasTemplate(sql)) continue
    const { refs, sources, macros } = state.renderer.renderNode(node, {
      text: sql,
      file: node.original_file_path,
      line: node.start_line,
    })
    node.refs.push(...refs)
    node.sources.push(...sources)
    node.depends_on.macros = [...new Set([...node.depends_on.macros, ...macros])]
  }
}

/** Without rendering, where the template is plain and nobody has overridden what it calls. */
function readQuickly({ macros }: ParseState, { rawCode, of, language, read }: NodeDraft): Rendering | null {
  if (read) return null
  if (language === "python") return { ...readPythonCalls(rawCode), macros: [] }
  const calls = readStaticCalls(rawCode)
  if (!calls) return null
  const isOverridden = (name: string) => macros.find(name, of.name) !== null
  return isOverridden("ref") || isOverridden("source") || isOverridden("config") ? null : { ...calls, macros: [] }
}

/** A Python model's `dbt.ref("a")`, `dbt.source("a", "b")` and `dbt.config(materialized="table")`. */
function readPythonCalls(text: string): Calls {
  const found = [...text.matchAll(/\bdbt\.((?:ref|source|config)\s*\([^()]*\))/g)]
  const calls = found.map((match) => `{{ ${match[1]} }}`).join("")
  return readStaticCalls(calls) ?? NO_CALLS
}

function toNode(draft: NodeDraft, { config, unrendered }: ReturnType<typeof buildConfig>, calls: Calls): ParsedNode {
  const contract = isRecord(config.contract) ? config.contract : {}
  const isModel = draft.type === "model"
  return {
    database: null,
    schema: "",
    name: draft.name,
    resource_type: draft.type,
    package_name: draft.of.name,
    path: draft.path,
    original_file_path: draft.originalFilePath,
    unique_id: draft.uniqueId,
    fqn: draft.fqn,
    alias: draft.name,
    checksum: draft.checksum,
    config,
    tags: config.tags,
    description: draft.description ?? "",
    columns: draft.columns ?? {},
    meta: config.meta,
    group: config.group,
    docs: (config.docs as Docs | undefined) ?? { show: true, node_color: null },
    patch_path: draft.patchPath ?? null,
    unrendered_config: unrendered,
    relation_name: null,
    raw_code: draft.rawCode,
    language: draft.language ?? "sql",
    refs: calls.refs,
    sources: calls.sources,
    metrics: calls.metrics,
    depends_on: { macros: [], nodes: [] },
    contract: { enforced: contract.enforced === true, alias_types: contract.alias_types !== false, checksum: null },
    start_line: draft.startLine,
    ...(isModel && {
      access: (config.access as string | null) ?? "protected",
      constraints: [],
      version: draft.version ?? null,
      latest_version: null,
      deprecation_date: null,
      primary_key: [],
      time_spine: null as Yaml,
    }),
    ...draft.extra,
  } as ParsedNode
}

/** Sets database, schema, alias and the relation's name, which the macros `generate_*_name` decide. */
function nameRelation({ renderer, root }: ParseState, node: ParsedNode): void {
  const { config } = node
  node.database = renderer.generateName("database", config.database, node)
  node.schema = renderer.generateName("schema", config.schema, node)
  node.alias = renderer.generateName("alias", config.alias, node)
  if (node.resource_type === "snapshot") {
    if (config.target_database) node.database = String(config.target_database)
    if (config.target_schema) node.schema = String(config.target_schema)
  }
  node.relation_name = isRelation(node) ? relationNameOf(node, root) : null
}

export function relationNameOf(node: ParsedNode, root: Package): string {
  const { database, schema, alias } = node
  return relationName({ database, schema, identifier: alias }, root.config.quoting, node.config.quoting)
}

/** Whether the database will have something of its name. */
function isRelation({ resource_type, config }: ParsedNode): boolean {
  switch (resource_type) {
    case "model":
    case "seed":
    case "snapshot":
      return config.materialized !== "ephemeral"
    case "test":
      return (
        config.store_failures === true ||
        (typeof config.store_failures_as === "string" && config.store_failures_as !== "ephemeral")
      )
    case "analysis":
    case "operation":
      return false
  }
}

/** Puts a node where it belongs. @throws ProjectError when another has its id and both are enabled. */
export function addNode({ manifest }: ParseState, node: ParsedNode): void {
  if (!node.config.enabled) {
    const others = manifest.disabled.get(node.unique_id)
    if (others) others.push(node)
    else manifest.disabled.set(node.unique_id, [node])
    return
  }
  const other = manifest.nodes.get(node.unique_id)
  if (other) {
    const message = `there are two ${node.resource_type}s named "${node.name}" in ${node.package_name}: the other stands in ${other.original_file_path}. Rename or disable one.`
    throw new ProjectError({ file: node.original_file_path, line: node.start_line, column: 1, message })
  }
  manifest.nodes.set(node.unique_id, node)
}

/** The fields of a draft that follow from the file. */
export function draftOfFile(file: ProjectFile, text: string) {
  const rawCode = text.trim()
  const leading = text.length - text.trimStart().length
  return {
    name: fileStem(file.path),
    path: file.relativePath,
    originalFilePath: file.path,
    rawCode,
    startLine: text.slice(0, leading).split("\n").length,
    checksum: fileChecksum(text),
    ...(file.path.endsWith(".py") && { language: "python" as const }),
  }
}

/** The config that a properties entry amounts to: its `config`, and the keys that older files have beside it. */
export function configLayer(entry: {
  config?: Record<string, unknown> | null | undefined
  meta?: Record<string, unknown> | null | undefined
  tags?: unknown
  docs?: Record<string, unknown> | null | undefined
  access?: string | null | undefined
  group?: string | null | undefined
}): ConfigLayer {
  const { config, meta, tags, docs, access, group } = entry
  const layer: ConfigLayer = { ...config }
  if (meta) layer.meta = { ...(layer.meta as YamlMap | undefined), ...meta }
  if (tags) layer.tags = [...asList(layer.tags), ...asList(tags)]
  if (docs) layer.docs = { ...docs, ...(layer.docs as YamlMap | undefined) }
  if (access && layer.access === undefined) layer.access = access
  if (group && layer.group === undefined) layer.group = group
  return layer
}
