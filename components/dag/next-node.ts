import type { FlowNode } from "./flow-graph.ts"
import type { Box, GraphLayout } from "./layout-graph.ts"

export type Direction = "left" | "right" | "up" | "down"

/** Each node's box in coordinates of the whole graph. */
export function absoluteBoxes(nodes: readonly FlowNode[], layout: GraphLayout): Map<string, Box> {
  const boxes = new Map<string, Box>()
  for (const node of nodes) {
    const box = layout.boxes[node.id]
    if (!box) continue
    const parent = node.parent === null ? null : boxes.get(node.parent)
    boxes.set(node.id, { ...box, x: box.x + (parent?.x ?? 0), y: box.y + (parent?.y ?? 0) })
  }
  return boxes
}

/** The node that an arrow key leads to: the nearest whose centre lies that way, straight ahead before askew. */
export function nextNode(boxes: ReadonlyMap<string, Box>, from: string, direction: Direction): string | null {
  const origin = boxes.get(from)
  if (!origin) return null
  let best: string | null = null
  let bestCost = Number.POSITIVE_INFINITY
  for (const [id, box] of boxes) {
    const { ahead, aside } = offset(origin, box, direction)
    // A node more aside than ahead belongs to another direction. Askew counts double, so that columns are walked down.
    if (id === from || ahead <= 1 || aside > ahead * 2) continue
    const cost = ahead + aside * 2
    if (cost < bestCost) {
      best = id
      bestCost = cost
    }
  }
  return best
}

function offset(from: Box, to: Box, direction: Direction): { ahead: number; aside: number } {
  const dx = to.x + to.width / 2 - (from.x + from.width / 2)
  const dy = to.y + to.height / 2 - (from.y + from.height / 2)
  switch (direction) {
    case "left":
      return { ahead: -dx, aside: Math.abs(dy) }
    case "right":
      return { ahead: dx, aside: Math.abs(dy) }
    case "up":
      return { ahead: -dy, aside: Math.abs(dx) }
    case "down":
      return { ahead: dy, aside: Math.abs(dx) }
  }
}
