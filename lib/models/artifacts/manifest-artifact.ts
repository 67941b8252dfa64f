import { md5 } from "../project/checksum.ts"
import { childMap, graphNodes, type Manifest, parentsOf } from "../project/manifest.ts"
import type { GraphNode } from "../project/node.ts"
import type { ParsedProject } from "../project/parse-project.ts"
import { artifactHeader } from "./artifact-header.ts"
import type { CompiledNode } from "./compiled-node.ts"
import {
  docEntry,
  exposureEntry,
  groupEntry,
  macroEntry,
  nodeEntry,
  selectorEntry,
  sourceEntry,
  unitTestEntry,
} from "./manifest-entries.ts"
import { SemanticEntries } from "./semantic-entries.ts"
import type { Document, Section } from "./write-json.ts"

/** manifest.json, version 12, with what a command has compiled. Entries are made one by one as they are written. */
export function* manifestArtifact(
  { manifest, invocation, target, root }: ParsedProject,
  compiled: ReadonlyMap<string, CompiledNode>,
): Document {
  const createdAt = invocation.startedAt.getTime() / 1000
  const semantic = new SemanticEntries(manifest, createdAt)
  const entryOf = (node: GraphNode): object => {
    switch (node.resource_type) {
      case "source":
        return sourceEntry(node, createdAt)
      case "exposure":
        return exposureEntry(node, createdAt)
      case "unit_test":
        return unitTestEntry(node, target.schema, createdAt)
      case "metric":
      case "semantic_model":
      case "saved_query":
        return semantic.toEntry(node)
      default:
        return nodeEntry(node, compiled.get(node.unique_id), createdAt)
    }
  }
  yield [
    "metadata",
    {
      ...artifactHeader("manifest", invocation),
      project_name: root.name,
      project_id: md5(root.name),
      user_id: null,
      send_anonymous_usage_stats: false,
      adapter_type: target.type,
    },
  ]
  yield ["nodes", { section: entries(manifest.nodes, entryOf) }]
  yield ["sources", { section: entries(manifest.sources, entryOf) }]
  yield ["macros", { section: entries(manifest.macros, (macro) => macroEntry(macro, createdAt)) }]
  yield ["docs", { section: entries(manifest.docs, docEntry) }]
  yield ["exposures", { section: entries(manifest.exposures, entryOf) }]
  yield ["metrics", { section: entries(manifest.metrics, entryOf) }]
  yield ["groups", { section: entries(manifest.groups, groupEntry) }]
  yield ["selectors", { section: entries(manifest.selectors, selectorEntry) }]
  yield ["disabled", { section: entries(manifest.disabled, (things) => things.map(entryOf)) }]
  yield ["parent_map", { section: parentEntries(manifest) }]
  yield ["child_map", { section: entries(childMap(manifest), (ids) => [...ids].sort()) }]
  yield ["group_map", Object.fromEntries(groupMembers(manifest))]
  yield ["saved_queries", { section: entries(manifest.savedQueries, entryOf) }]
  yield ["semantic_models", { section: entries(manifest.semanticModels, entryOf) }]
  yield ["unit_tests", { section: entries(manifest.unitTests, entryOf) }]
}

function* entries<T>(things: ReadonlyMap<string, T>, toEntry: (thing: T) => unknown): Section {
  for (const [id, thing] of things) yield [id, toEntry(thing)]
}

function* parentEntries(manifest: Manifest): Section {
  for (const node of graphNodes(manifest)) yield [node.unique_id, [...new Set(parentsOf(node))].sort()]
}

function groupMembers(manifest: Manifest): Map<string, string[]> {
  const members = new Map<string, string[]>([...manifest.groups.values()].map(({ name }) => [name, []]))
  for (const node of manifest.nodes.values()) {
    if (node.group === null) continue
    const known = members.get(node.group)
    if (known) known.push(node.unique_id)
    else members.set(node.group, [node.unique_id])
  }
  return members
}
