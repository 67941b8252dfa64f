import { graphNodes, type Manifest, parentsOf } from "../project/manifest.ts"
import type { GraphNode } from "../project/node.ts"
import type { ResourceType, Selectable } from "../selection/selectable.ts"
import { fingerprintOf, type MacroTexts, type ManifestEntry } from "./fingerprint.ts"
import { macroTexts } from "./macro-texts.ts"

/**
 * The nodes of a manifest as selection looks at them. Hooks are none: they run with every command. Fingerprints are taken where
 * there is an earlier state to compare with.
 */
export function selectables(manifest: Manifest, areCompared: boolean): Selectable[] {
  const macros = areCompared ? macroTexts(manifest, (id) => manifest.macros.get(id)?.macro_sql) : null
  return [...graphNodes(manifest)]
    .filter((node) => node.resource_type !== "operation")
    .map((node) => toSelectable(node, macros))
}

function toSelectable(node: GraphNode, macros: MacroTexts | null): Selectable {
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
    fingerprint: macros && fingerprintOf(node as unknown as ManifestEntry, macros),
  }
}

function testFacts(node: GraphNode): Selectable["test"] {
  if (node.resource_type === "unit_test") return { kind: "unit", name: null }
  if (node.resource_type !== "test") return null
  return { kind: node.test_metadata ? "generic" : "singular", name: node.test_metadata?.name ?? null }
}
