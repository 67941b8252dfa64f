import { createHash } from "node:crypto"
import { graphNodes, type Manifest, parentsOf } from "../project/manifest.ts"
import type { GraphNode, ParsedNode } from "../project/node.ts"
import type { ResourceType, Selectable, StateFingerprint } from "../selection/selectable.ts"

/** The nodes of a manifest as selection looks at them. Hooks are none: they run with every command. */
export function selectables(manifest: Manifest): Selectable[] {
  return [...graphNodes(manifest)]
    .filter((node) => node.resource_type !== "operation")
    .map((node) => toSelectable(node, manifest))
}

function toSelectable(node: GraphNode, manifest: Manifest): Selectable {
  const config = node.config as Readonly<Record<string, unknown>>
  const isModel = node.resource_type === "model"
  return {
    id: node.unique_id,
    resourceType: node.resource_type as ResourceType,
    name: node.name,
    package: node.package_name,
    fqn: node.fqn,
    tags: node.tags,
    originalFilePath: node.original_file_path,
    propertiesPath: "patch_path" in node ? (node.patch_path?.split("://").at(-1) ?? null) : null,
    config,
    group: "group" in node ? node.group : null,
    access: isModel ? node.access : null,
    version: "version" in node ? node.version : null,
    latestVersion: isModel ? node.latest_version : null,
    dependsOn: parentsOf(node),
    test: testFacts(node),
    sourceName: node.resource_type === "source" ? node.source_name : null,
    fingerprint: fingerprintOf(node, manifest),
  }
}

function testFacts(node: GraphNode): Selectable["test"] {
  if (node.resource_type === "unit_test") return { kind: "unit", name: null }
  if (node.resource_type !== "test") return null
  return { kind: node.test_metadata ? "generic" : "singular", name: node.test_metadata?.name ?? null }
}

/** What `state:modified` compares, by part. Configs are compared as written, so that another target changes nothing. */
export function fingerprintOf(node: GraphNode, manifest: Manifest): StateFingerprint {
  if (!("raw_code" in node)) return { other: digest(essence(node)) }
  return {
    body: node.checksum.name === "none" ? digest(node.raw_code) : node.checksum.checksum,
    configs: digest(node.unrendered_config),
    relation: digest([node.unrendered_config.database, node.unrendered_config.schema, node.unrendered_config.alias]),
    persisted_descriptions: digest(persistedDescriptions(node)),
    macros: digest(macroTexts(node.depends_on.macros, manifest)),
    contract: digest(node.contract.enforced ? contractOf(node) : false),
    other: digest(node.fqn),
  }
}

/** All but where the thing stands and how it is described. */
function essence(node: object): object {
  const { unrendered_config, description, meta, patch_path, ...rest } = node as Record<string, unknown>
  return rest
}

function persistedDescriptions({ config, description, columns }: ParsedNode): unknown {
  const persist = (config.persist_docs ?? {}) as { relation?: unknown; columns?: unknown }
  return [
    persist.relation ? description : null,
    persist.columns ? Object.values(columns).map((column) => [column.name, column.description]) : null,
  ]
}

function contractOf(node: ParsedNode): unknown {
  return Object.values(node.columns).map(({ name, data_type, constraints }) => [name, data_type, constraints])
}

function macroTexts(ids: readonly string[], manifest: Manifest): string[] {
  const seen = new Set<string>()
  const visit = (id: string): void => {
    const macro = manifest.macros.get(id)
    if (!macro || seen.has(id)) return
    seen.add(id)
    for (const each of macro.depends_on.macros) visit(each)
  }
  for (const id of ids) visit(id)
  return [...seen].sort().map((id) => manifest.macros.get(id)!.macro_sql)
}

function digest(value: unknown): string {
  return createHash("sha256")
    .update(JSON.stringify(value) ?? "")
    .digest("hex")
}
