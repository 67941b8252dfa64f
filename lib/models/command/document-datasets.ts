import path from "node:path"
import type { DatasetDocument, ExposureDocument, SnapshotDocument } from "../../contracts/dataset-document.ts"
import type { JsonObject } from "../../contracts/json.ts"
import { isSensitiveTag } from "../lineage/sensitive-tags.ts"
import type { Manifest } from "../project/manifest.ts"
import type {
  BaseNode,
  ColumnInfo,
  ExposureNode,
  FreshnessThreshold,
  ParsedNode,
  SourceNode,
  TestNode,
} from "../project/node.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { datasetOf } from "./dataset-of.ts"

/**
 * What a project says of the datasets that some of its nodes build, and of those that these read. Ephemeral models are no
 * datasets: what stands behind them is read through them.
 */
export function documentDatasets(manifest: Manifest, built: readonly ParsedNode[], folder: string): DatasetDocument[] {
  const tests = testsByNode(manifest)
  const exposures = exposuresByDataset(manifest)
  const documents = new Map<string, DatasetDocument>()
  const place = (node: ParsedNode | SourceNode) =>
    node.package_name === manifest.projectName ? path.posix.join(folder, node.original_file_path) : null
  const add = (node: ParsedNode | SourceNode, isBuilt: boolean) => {
    const id = datasetOf(node)
    if (documents.has(id)) return
    documents.set(id, {
      dataset: id,
      isBuilt,
      kind: kindOf(node),
      uniqueId: node.unique_id,
      materialized: node.resource_type === "source" ? null : node.config.materialized,
      description: node.description || (node.resource_type === "source" ? node.source_description : ""),
      owner: ownerOf(node, manifest),
      tags: [...new Set(node.tags)],
      meta: plain(metaOf(node)),
      file: place(node),
      package: node.package_name,
      sql: node.resource_type === "source" || node.raw_code === "" ? null : node.raw_code,
      columns: Object.values(node.columns).map(documentColumn),
      tests: (tests.get(node.unique_id) ?? []).map(documentTest),
      isSensitive: node.tags.some(isSensitiveTag) || says(metaOf(node), true),
      snapshot: versionsOf(node),
      exposures: exposures.get(id) ?? [],
      ...freshnessOf(node),
    })
  }
  for (const node of built) add(node, true)
  for (const node of built) for (const parent of readBy(node, manifest)) add(parent, false)
  // Nobody may read them yet; how old they are is asked all the same.
  for (const source of manifest.sources.values()) if (source.config.enabled && freshnessOf(source)) add(source, false)
  return [...documents.values()]
}

/** What stands outside of the warehouse and reads a dataset, by dataset; in the order of names. */
function exposuresByDataset(manifest: Manifest): Map<string, ExposureDocument[]> {
  const found = new Map<string, ExposureDocument[]>()
  const all = [...manifest.exposures.values()].sort((a, b) => (a.unique_id < b.unique_id ? -1 : 1))
  for (const exposure of all) {
    const { unique_id: id, type, url, maturity, description } = exposure
    const owner = nameOf(exposure.owner)
    const document = { id, name: exposure.label ?? exposure.name, type, owner, url, maturity, description }
    for (const node of readBy(exposure, manifest)) {
      const dataset = datasetOf(node)
      found.set(dataset, [...(found.get(dataset) ?? []), document])
    }
  }
  return found
}

/** The sources and nodes that a node or an exposure reads, through ephemeral ones. */
export function readBy(
  node: Pick<ParsedNode | ExposureNode, "unique_id" | "depends_on">,
  manifest: Manifest,
): (ParsedNode | SourceNode)[] {
  const found = new Map<string, ParsedNode | SourceNode>()
  const seen = new Set<string>()
  const visit = (ids: readonly string[]): void => {
    for (const id of ids) {
      if (seen.has(id)) continue
      seen.add(id)
      const parent = manifest.nodes.get(id) ?? manifest.sources.get(id)
      if (!parent) {
        visit((manifest.metrics.get(id) ?? manifest.semanticModels.get(id))?.depends_on.nodes ?? [])
        continue
      }
      if (parent.resource_type !== "source" && parent.config.materialized === "ephemeral") {
        visit(parent.depends_on.nodes)
      } else if (parent.unique_id !== node.unique_id) found.set(id, parent)
    }
  }
  visit(node.depends_on.nodes)
  return [...found.values()]
}

/** A source keeps in its config what was said there. */
function metaOf({ meta, config }: ParsedNode | SourceNode): YamlMap {
  return { ...(config.meta as YamlMap | undefined), ...meta }
}

function kindOf(node: ParsedNode | SourceNode): DatasetDocument["kind"] {
  const { resource_type: type } = node
  return type === "seed" || type === "snapshot" || type === "source" ? type : "model"
}

/** `meta.owner`, else the owner of its group: a name, or an address where there is no name. */
function ownerOf(node: ParsedNode | SourceNode, manifest: Manifest): string | null {
  const group = node.resource_type === "source" ? null : node.group
  const owners = [metaOf(node).owner, group === null ? null : manifest.groups.get(groupId(manifest, group))?.owner]
  for (const owner of owners) {
    const name = nameOf(owner)
    if (name !== null) return name
  }
  return null
}

function nameOf(owner: unknown): string | null {
  if (typeof owner === "string" && owner !== "") return owner
  const { name, email } = (typeof owner === "object" && owner !== null ? owner : {}) as YamlMap
  const text = [name, email].find((each) => typeof each === "string" && each !== "")
  return typeof text === "string" ? text : null
}

function groupId(manifest: Manifest, name: string): string {
  return [...manifest.groups.values()].find((group) => group.name === name)?.unique_id ?? ""
}

/** Tests of each node: its own, and singular ones that read it. */
function testsByNode(manifest: Manifest): Map<string, TestNode[]> {
  const tests = new Map<string, TestNode[]>()
  for (const node of manifest.nodes.values()) {
    if (node.resource_type !== "test") continue
    const owners = node.attached_node ? [node.attached_node] : node.depends_on.nodes
    for (const owner of owners) tests.set(owner, [...(tests.get(owner) ?? []), node])
  }
  return tests
}

function documentColumn(column: ColumnInfo): DatasetDocument["columns"][number] {
  const meta = { ...column.config.meta, ...column.meta }
  return {
    // As Postgres folds what is not quoted.
    name: column.quote ? column.name : column.name.toLowerCase(),
    type: column.data_type,
    description: column.description,
    tags: [...new Set([...column.tags, ...column.config.tags, ...(says(meta, true) ? ["pii"] : [])])],
    isCleared: says(meta, false),
  }
}

/** Whether meta says that there is personal data, or that there is none. */
function says(meta: YamlMap, isThere: boolean): boolean {
  return Object.keys(meta).some((key) => PII_KEYS.has(key.toLowerCase()) && meta[key] === isThere)
}

/** Keys of meta by which projects mark personal data. */
const PII_KEYS = new Set(["pii", "contains_pii", "is_pii"])

function documentTest(test: TestNode): DatasetDocument["tests"][number] {
  return {
    name: test.name.slice(0, 200),
    kind: test.test_metadata?.name ?? "singular",
    column: test.column_name,
    severity: String(test.config.severity).toLowerCase() === "warn" ? "warn" : "error",
    description: test.description,
    arguments: plain(Object.fromEntries(Object.entries(test.test_metadata?.kwargs ?? {}).filter(isOwnArgument))),
  }
}

function isOwnArgument([name]: [string, unknown]): boolean {
  return name !== "model" && name !== "column_name"
}

function versionsOf(node: ParsedNode | SourceNode): SnapshotDocument | null {
  if (node.resource_type === "source") return null
  return node.resource_type === "snapshot" ? snapshotOf(node) : versionedBy(node)
}

/** Null for what the project leaves out. */
function snapshotOf({ config }: BaseNode): SnapshotDocument | null {
  const keys = textsOf(config.unique_key)
  if (keys.length === 0) return null
  const names = (config.snapshot_meta_column_names ?? {}) as Record<string, unknown>
  const named = (name: string) => (typeof names[name] === "string" ? (names[name] as string) : name)
  const [validFrom, validTo, isDeleted] = [named("dbt_valid_from"), named("dbt_valid_to"), named("dbt_is_deleted")]
  const own = [named("dbt_scd_id"), named("dbt_updated_at"), validFrom, validTo, isDeleted]
  const strategy = String(config.strategy ?? "")
  return { keys, strategy, validFrom, validTo, isDeleted, bookkeeping: own }
}

/** `meta: { scd2: { key, valid_from, valid_to } }`: what a model says that keeps versions without being a snapshot. */
function versionedBy({ meta }: BaseNode): SnapshotDocument | null {
  const said = meta.scd2
  if (typeof said !== "object" || said === null || Array.isArray(said)) return null
  const { key, valid_from: from, valid_to: to, columns } = said as YamlMap
  const keys = textsOf(key)
  if (keys.length === 0 || typeof from !== "string" || typeof to !== "string") return null
  const bookkeeping = [from, to, ...textsOf(columns)]
  return { keys, strategy: null, validFrom: from, validTo: to, isDeleted: null, bookkeeping }
}

/** Thresholds of a source, or of a model's config; nothing where neither is set. dbt's `build_after` is no limit of age. */
function freshnessOf(node: ParsedNode | SourceNode): Pick<DatasetDocument, "freshness"> | null {
  const freshness = (node.resource_type === "source" ? node.freshness : node.config.freshness) as
    | FreshnessThreshold
    | null
    | undefined
  const warnAfterMs = thresholdMs(freshness?.warn_after)
  const errorAfterMs = thresholdMs(freshness?.error_after)
  if (!freshness || (warnAfterMs === null && errorAfterMs === null)) return null
  const { loaded_at_field: expression = null, loaded_at_query: query = null } =
    node.resource_type === "source" ? node : (node.config as Partial<SourceNode>)
  const probe = query || expression ? { column: null, expression, filter: freshness.filter ?? null, query } : null
  return { freshness: { warnAfterMs, errorAfterMs, probe } }
}

const PERIOD_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

function thresholdMs(threshold: FreshnessThreshold["warn_after"] | null | undefined): number | null {
  const unit = PERIOD_MS[threshold?.period ?? ""]
  return unit === undefined || typeof threshold?.count !== "number" ? null : threshold.count * unit
}

function textsOf(value: unknown): string[] {
  return [value ?? []].flat().map(String)
}

/** Without what JSON has no word for, such as dates. */
function plain(value: YamlMap): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject
}
