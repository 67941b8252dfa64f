import { topologicalOrder } from "#lib/domain/dag.ts"
import type { FlowGraph, FlowNode } from "./flow-graph.ts"
import type { Box, GraphLayout, Point } from "./layout-graph.ts"

/** From so many nodes on the exact layout takes too long to wait for. */
const MANY_NODES = 400
const GAP_X = 72
const GAP_Y = 12
const MARGIN = 16
/** Rounds of ordering; more than this moves hardly a node. */
const SWEEPS = 6

/**
 * Lays out a graph without open groups in layers, left to right, in O(nodes + edges) for each of a few rounds: each node
 * stands right of all it waits for, and layers are ordered by the middle of each node's neighbours (barycentre method,
 * Sugiyama et al. 1981). Ten thousand nodes take a tenth of a second, where the exact layout takes minutes; edges may pass
 * behind nodes, which nobody can tell apart at a zoom that shows so many.
 */
export function layerLayout(graph: FlowGraph): GraphLayout {
  const layers = layersOf(graph)
  order(layers, graph)
  const widths = layers.map((layer) => Math.max(...layer.map((node) => node.width)))
  const heights = layers.map((layer) => layer.reduce((sum, node) => sum + node.height + GAP_Y, -GAP_Y))
  const height = Math.max(0, ...heights)
  const boxes: Record<string, Box> = {}
  let x = MARGIN
  for (const [i, layer] of layers.entries()) {
    let y = MARGIN + (height - heights[i]!) / 2
    for (const node of layer) {
      boxes[node.id] = { x, y, width: node.width, height: node.height }
      y += node.height + GAP_Y
    }
    x += widths[i]! + GAP_X
  }
  return { boxes, routes: routesOf(graph, boxes), width: x - GAP_X + MARGIN, height: height + 2 * MARGIN }
}

/** Whether {@link layerLayout} is the one to use: frames of open groups it cannot draw. */
export function isForLayers(graph: FlowGraph): boolean {
  return graph.nodes.length > MANY_NODES && graph.nodes.every((node) => node.kind !== "group")
}

/** Nodes by the length of the longest chain before them. Closed groups may wait for each other: such a ring is cut. */
function layersOf({ nodes, edges }: FlowGraph): FlowNode[][] {
  const upstream = new Map<string, string[]>(nodes.map((node) => [node.id, []]))
  for (const edge of edges) upstream.get(edge.target)!.push(edge.source)
  const depth = new Map<string, number>()
  for (const id of new Set([...topologicalOrder(upstream), ...upstream.keys()])) {
    depth.set(id, Math.max(-1, ...upstream.get(id)!.map((before) => depth.get(before) ?? -1)) + 1)
  }
  const layers: FlowNode[][] = []
  for (const node of nodes) {
    const at = depth.get(node.id)!
    layers[at] ??= []
    layers[at].push(node)
  }
  return layers
}

/** Sorts each layer by where its neighbours in the others stand, from left to right and back. */
function order(layers: FlowNode[][], { edges }: FlowGraph): void {
  const before = new Map<string, string[]>(layers.flat().map((node) => [node.id, []]))
  const after = new Map<string, string[]>(layers.flat().map((node) => [node.id, []]))
  for (const { source, target } of edges) {
    before.get(target)!.push(source)
    after.get(source)!.push(target)
  }
  const place = new Map<string, number>()
  const settle = (layer: FlowNode[]) => {
    for (const [i, node] of layer.entries()) place.set(node.id, (i + 0.5) / layer.length)
  }
  for (const layer of layers) settle(layer)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const neighbours = sweep % 2 === 0 ? before : after
    for (const layer of sweep % 2 === 0 ? layers : layers.toReversed()) {
      const middle = new Map(
        layer.map((node) => [node.id, mean(neighbours.get(node.id), place) ?? place.get(node.id)!]),
      )
      layer.sort((a, b) => middle.get(a.id)! - middle.get(b.id)!)
      settle(layer)
    }
  }
}

function mean(ids: readonly string[] | undefined, place: ReadonlyMap<string, number>): number | null {
  if (!ids || ids.length === 0) return null
  return ids.reduce((sum, id) => sum + place.get(id)!, 0) / ids.length
}

/** From the right side of one node to the left side of the other, with one step aside between. */
function routesOf({ edges }: FlowGraph, boxes: Readonly<Record<string, Box>>): Record<string, Point[]> {
  return Object.fromEntries(
    edges.map((edge) => {
      const from = boxes[edge.source]!
      const to = boxes[edge.target]!
      const start = { x: from.x + from.width, y: from.y + from.height / 2 }
      const end = { x: to.x, y: to.y + to.height / 2 }
      const bend = Math.max(start.x + 8, end.x - GAP_X / 2)
      return [edge.id, [start, { x: bend, y: start.y }, { x: bend, y: end.y }, end]]
    }),
  )
}
