import type { ParsedNode } from "./node.ts"
import { addNode } from "./parse-node.ts"
import type { ParseState } from "./parse-state.ts"

/** A node from the parse's memory, or made; a copy, for what comes behind fills in some of its fields. */
export function recallNode(
  { memory }: ParseState,
  key: string,
  inputs: readonly unknown[],
  make: () => ParsedNode,
): ParsedNode {
  return memory ? copyOf(memory.recall(key, inputs, make)) : make()
}

/** Adds the tests that `make` adds to the manifest that it is given, from the parse's memory where it has them. */
export function recallTests(
  state: ParseState,
  key: string,
  inputs: readonly unknown[],
  make: (state: ParseState) => void,
): void {
  const { memory, manifest } = state
  if (!memory) {
    make(state)
    return
  }
  const added = memory.recall(key, inputs, () => {
    const own = { ...manifest, nodes: new Map<string, ParsedNode>(), disabled: new Map<string, ParsedNode[]>() }
    make({ ...state, manifest: own })
    return [...own.nodes.values(), ...[...own.disabled.values()].flat()]
  })
  // One that is there already is an error, which making it again words with its place.
  if (added.some(({ config, unique_id }) => config.enabled && manifest.nodes.has(unique_id))) make(state)
  for (const node of added) addNode(state, copyOf(node))
}

function copyOf(node: ParsedNode): ParsedNode {
  const { config, depends_on, contract } = node
  return { ...node, config: { ...config }, depends_on: { ...depends_on }, contract: { ...contract } } as ParsedNode
}
