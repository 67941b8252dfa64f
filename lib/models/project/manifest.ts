import type {
  DocNode,
  ExposureNode,
  GraphNode,
  GroupNode,
  MacroNode,
  ParsedNode,
  SelectorDefinition,
  SemanticNode,
  SourceNode,
  UnitTestNode,
} from "./node.ts"

/** A parsed project: everything by its unique id. Disabled things stand in `disabled` alone. */
export interface Manifest {
  projectName: string
  adapterType: string
  nodes: Map<string, ParsedNode>
  sources: Map<string, SourceNode>
  macros: Map<string, MacroNode>
  docs: Map<string, DocNode>
  exposures: Map<string, ExposureNode>
  metrics: Map<string, SemanticNode>
  semanticModels: Map<string, SemanticNode>
  savedQueries: Map<string, SemanticNode>
  groups: Map<string, GroupNode>
  unitTests: Map<string, UnitTestNode>
  selectors: Map<string, SelectorDefinition>
  /** Several versions of one thing can be disabled, in different packages or files. */
  disabled: Map<string, (ParsedNode | SourceNode | ExposureNode | SemanticNode | UnitTestNode)[]>
}

/** Everything that has a place in the graph, in one go. */
export function* graphNodes(manifest: Manifest): Generator<GraphNode> {
  yield* manifest.nodes.values()
  yield* manifest.sources.values()
  yield* manifest.exposures.values()
  yield* manifest.metrics.values()
  yield* manifest.semanticModels.values()
  yield* manifest.savedQueries.values()
  yield* manifest.unitTests.values()
}

/** What a thing is built from: unique ids, without repetition. Sources are built from nothing. */
export function parentsOf(node: GraphNode): readonly string[] {
  return node.resource_type === "source" ? [] : node.depends_on.nodes
}

/** For each unique id those that are built from it. */
export function childMap(manifest: Manifest): Map<string, string[]> {
  const children = new Map<string, string[]>()
  for (const node of graphNodes(manifest)) {
    if (!children.has(node.unique_id)) children.set(node.unique_id, [])
    for (const parent of parentsOf(node)) {
      const known = children.get(parent)
      if (known) known.push(node.unique_id)
      else children.set(parent, [node.unique_id])
    }
  }
  return children
}

/** A manifest with nothing in it. */
export function emptyManifest(projectName: string, adapterType: string): Manifest {
  return {
    projectName,
    adapterType,
    nodes: new Map(),
    sources: new Map(),
    macros: new Map(),
    docs: new Map(),
    exposures: new Map(),
    metrics: new Map(),
    semanticModels: new Map(),
    savedQueries: new Map(),
    groups: new Map(),
    unitTests: new Map(),
    selectors: new Map(),
    disabled: new Map(),
  }
}
