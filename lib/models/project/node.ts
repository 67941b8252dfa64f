import type { Yaml, YamlMap } from "./read-yaml.ts"

/*
 * What a project consists of once it is parsed. Fields carry the names that dbt's manifest gives them, because templates see
 * these objects (`model`, `graph`) and the artifacts are written from them: a second set of names would have to be kept equal.
 */

export type ResourceType =
  | "model"
  | "seed"
  | "snapshot"
  | "test"
  | "analysis"
  | "operation"
  | "source"
  | "exposure"
  | "metric"
  | "semantic_model"
  | "saved_query"
  | "unit_test"

export interface Checksum {
  name: "sha256" | "path" | "none"
  checksum: string
}

export interface RefArgs {
  name: string
  package: string | null
  version: string | number | null
}

export interface Hook {
  sql: string
  transaction: boolean
  index: number | null
}

export interface Docs {
  show: boolean
  node_color: string | null
}

/** What a node is set to, after every level was merged. Keys that dbt does not know stay in it. */
export interface NodeConfig {
  enabled: boolean
  alias: string | null
  schema: string | null
  database: string | null
  tags: string[]
  meta: YamlMap
  group: string | null
  materialized: string
  "pre-hook": Hook[]
  "post-hook": Hook[]
  quoting: YamlMap
  docs: Docs
  [key: string]: unknown
}

export interface ColumnInfo {
  name: string
  description: string
  meta: YamlMap
  data_type: string | null
  constraints: Constraint[]
  quote: boolean | null
  config: { meta: YamlMap; tags: string[] }
  tags: string[]
  granularity: string | null
  [key: string]: Yaml | Constraint[] | { meta: YamlMap; tags: string[] }
}

export interface Constraint {
  type: "check" | "not_null" | "unique" | "primary_key" | "foreign_key" | "custom"
  name: string | null
  expression: string | null
  warn_unenforced: boolean
  warn_unsupported: boolean
  to: string | null
  to_columns: string[]
  /** Of a constraint on a model. */
  columns?: string[]
}

export interface Contract {
  enforced: boolean
  alias_types: boolean
  checksum: string | null
}

interface Identified {
  unique_id: string
  name: string
  package_name: string
  /** Relative to its resource path. */
  path: string
  /** Relative to its package. */
  original_file_path: string
}

interface Described {
  description: string
  meta: YamlMap
  docs: Docs
  patch_path: string | null
}

/** Fields of everything that is rendered to SQL. */
export interface BaseNode extends Identified, Described {
  database: string | null
  schema: string
  fqn: string[]
  alias: string
  checksum: Checksum
  config: NodeConfig
  tags: string[]
  columns: Record<string, ColumnInfo>
  group: string | null
  /** What the levels of config said, before templates in them were rendered. */
  unrendered_config: YamlMap
  /** `"db"."schema"."name"`, for what becomes a relation; null else. */
  relation_name: string | null
  raw_code: string
  language: "sql" | "python"
  refs: RefArgs[]
  sources: string[][]
  metrics: string[][]
  depends_on: { macros: string[]; nodes: string[] }
  contract: Contract
  /** Line of the file on which `raw_code` begins, from 1. */
  start_line: number
}

export interface ModelNode extends BaseNode {
  resource_type: "model"
  access: "private" | "protected" | "public"
  constraints: Constraint[]
  version: string | number | null
  latest_version: string | number | null
  deprecation_date: string | null
  primary_key: string[]
  time_spine: Yaml
}

export interface SeedNode extends BaseNode {
  resource_type: "seed"
  root_path: string
}

export interface SnapshotNode extends BaseNode {
  resource_type: "snapshot"
}

export interface AnalysisNode extends BaseNode {
  resource_type: "analysis"
}

/** A hook of `on-run-start` or `on-run-end`. */
export interface OperationNode extends BaseNode {
  resource_type: "operation"
  index: number
}

export interface TestMetadata {
  name: string
  namespace: string | null
  kwargs: YamlMap
}

export interface TestNode extends BaseNode {
  resource_type: "test"
  /** Null for a singular test. */
  test_metadata: TestMetadata | null
  column_name: string | null
  file_key_name: string | null
  attached_node: string | null
}

export type ParsedNode = ModelNode | SeedNode | SnapshotNode | AnalysisNode | OperationNode | TestNode

export interface FreshnessThreshold {
  warn_after: { count: number | null; period: string | null }
  error_after: { count: number | null; period: string | null }
  filter: string | null
}

export interface SourceNode extends Identified, Omit<Described, "docs"> {
  resource_type: "source"
  database: string | null
  schema: string
  fqn: string[]
  source_name: string
  source_description: string
  loader: string
  identifier: string
  quoting: YamlMap
  loaded_at_field: string | null
  loaded_at_query: string | null
  freshness: FreshnessThreshold | null
  external: Yaml
  columns: Record<string, ColumnInfo>
  source_meta: YamlMap
  tags: string[]
  config: { enabled: boolean; [key: string]: unknown }
  unrendered_config: YamlMap
  relation_name: string
}

export interface MacroNode extends Identified, Described {
  resource_type: "macro"
  macro_sql: string
  arguments: { name: string; type: string | null; description: string }[]
  supported_languages: string[] | null
  depends_on: { macros: string[] }
  /** Line of its opening tag, from 1. */
  start_line: number
}

export interface DocNode extends Identified {
  resource_type: "doc"
  block_contents: string
}

export interface ExposureNode extends Identified {
  resource_type: "exposure"
  fqn: string[]
  label: string | null
  type: string
  owner: YamlMap
  description: string
  maturity: string | null
  url: string | null
  meta: YamlMap
  tags: string[]
  config: { enabled: boolean; [key: string]: unknown }
  unrendered_config: YamlMap
  depends_on: { macros: string[]; nodes: string[] }
  refs: RefArgs[]
  sources: string[][]
  metrics: string[][]
}

/** Metrics, semantic models and saved queries: kept as they are written, with what they depend on where refs say it. */
export interface SemanticNode extends Identified {
  resource_type: "metric" | "semantic_model" | "saved_query"
  fqn: string[]
  description: string
  label: string | null
  meta: YamlMap
  tags: string[]
  group: string | null
  config: { enabled: boolean; [key: string]: unknown }
  definition: YamlMap
  depends_on: { macros: string[]; nodes: string[] }
  refs: RefArgs[]
}

export interface GroupNode extends Identified {
  resource_type: "group"
  owner: YamlMap
  description: string | null
}

export interface UnitTestFixture {
  input?: string
  rows: Yaml
  format: "dict" | "csv" | "sql"
  fixture: string | null
}

export interface UnitTestNode extends Identified {
  resource_type: "unit_test"
  fqn: string[]
  model: string
  given: (UnitTestFixture & { input: string })[]
  expect: UnitTestFixture
  description: string
  overrides: { macros: YamlMap; vars: YamlMap; env_vars: YamlMap } | null
  config: { enabled: boolean; tags: string[]; meta: YamlMap; [key: string]: unknown }
  tags: string[]
  version: string | number | null
  /** The model's unique id. */
  tested_node_unique_id: string | null
  depends_on: { macros: string[]; nodes: string[] }
  checksum: string
}

/** A named selection of selectors.yml, as it is written. */
export interface SelectorDefinition {
  name: string
  description: string | null
  default: boolean | string
  definition: Yaml
}

/** Anything that `depends_on` may name or that depends on something. */
export type GraphNode = ParsedNode | SourceNode | ExposureNode | SemanticNode | UnitTestNode
