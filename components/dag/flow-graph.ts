import type { Manifest } from "#lib/contracts/manifest.ts"
import { topologicalOrder } from "#lib/domain/dag.ts"
import { type GraphIndex, indexGraph } from "./graph-index.ts"

/** What the graph draws: a task, an open group around its members, or a closed group that stands for them. */
export interface FlowNode {
  id: string
  kind: "task" | "group" | "closed_group"
  /** The open group it stands in. Parents come before their children in {@link FlowGraph.nodes}. */
  parent: string | null
  label: string
  /** The tasks it stands for; for a task, itself. */
  taskIds: string[]
  /** Pixels. For an open group, 0: the layout decides. */
  width: number
  height: number
}

export interface FlowEdge {
  id: string
  source: string
  target: string
  /** Tasks at both ends that take part; more than one where the edge stands for several. */
  sourceTasks: string[]
  targetTasks: string[]
}

export interface FlowGraph {
  nodes: FlowNode[]
  edges: FlowEdge[]
}

type GraphSource = Pick<Manifest, "tasks" | "groups">

/**
 * The nodes and edges to draw for a pipeline with these groups closed.
 *
 * Edges obey one rule. A dependency is drawn between the closest things on screen that stand for its ends. Where all
 * last tasks of a group are waited for by all first tasks of another (what `b.after(a)` means), one edge between the
 * groups replaces the bundle, from {@link BUNDLE_MIN} edges on. Edges within one closed group vanish.
 */
export function toFlowGraph(manifest: GraphSource, closed: ReadonlySet<string>): FlowGraph {
  const index = indexGraph(manifest)
  return { nodes: flowNodes(manifest, index, closed), edges: flowEdges(manifest, index, closed) }
}

/** Below this many edges a bundle hides more than it tidies. */
const BUNDLE_MIN = 4
const TASK_HEIGHT = 44
const CLOSED_HEIGHT = 58

function flowNodes(manifest: GraphSource, index: GraphIndex, closed: ReadonlySet<string>): FlowNode[] {
  const nodes: FlowNode[] = []
  for (const group of index.groupsOutermostFirst) {
    const outer = index.outermostClosed(group.parent, closed)
    if (outer !== null) continue
    const taskIds = index.tasksIn(group.id)
    if (taskIds.length === 0) continue
    const isClosed = closed.has(group.id)
    nodes.push({
      id: groupNodeId(group.id),
      kind: isClosed ? "closed_group" : "group",
      parent: group.parent === null ? null : groupNodeId(group.parent),
      label: group.id.slice(group.id.lastIndexOf(".") + 1),
      taskIds,
      width: isClosed ? 208 : 0,
      height: isClosed ? CLOSED_HEIGHT : 0,
    })
  }
  for (const task of manifest.tasks) {
    if (index.outermostClosed(task.group, closed) !== null) continue
    nodes.push({
      id: task.id,
      kind: "task",
      parent: task.group === null ? null : groupNodeId(task.group),
      label: task.id,
      taskIds: [task.id],
      width: 0,
      height: TASK_HEIGHT,
    })
  }
  return withColumnWidths(nodes, depthsOf(manifest.tasks))
}

/** Tasks that stand in one column of a group are equally wide; the longest name decides. */
function withColumnWidths(nodes: FlowNode[], depths: ReadonlyMap<string, number>): FlowNode[] {
  const column = (node: FlowNode) => `${node.parent} ${depths.get(node.id)}`
  const widths = new Map<string, number>()
  for (const node of nodes) {
    if (node.kind === "task") widths.set(column(node), Math.max(widths.get(column(node)) ?? 0, taskWidth(node.label)))
  }
  return nodes.map((node) => (node.kind === "task" ? { ...node, width: widths.get(column(node))! } : node))
}

/** How many tasks the longest chain before each task has: the column it will stand in, near enough. */
function depthsOf(tasks: GraphSource["tasks"]): Map<string, number> {
  const upstream = new Map(tasks.map((task) => [task.id, task.upstream]))
  const depths = new Map<string, number>()
  for (const id of topologicalOrder(upstream)) {
    depths.set(id, Math.max(-1, ...upstream.get(id)!.map((parent) => depths.get(parent) ?? -1)) + 1)
  }
  return depths
}

/** 7 px is Inter's mean advance at 12 px medium, generously; 46 px are the mark and the padding. */
function taskWidth(label: string): number {
  return Math.min(280, Math.max(148, Math.ceil(label.length * 7 + 46)))
}

function flowEdges(manifest: GraphSource, index: GraphIndex, closed: ReadonlySet<string>): FlowEdge[] {
  const edges = new Map<string, { source: string; target: string; from: Set<string>; to: Set<string> }>()
  for (const task of manifest.tasks) {
    for (const parent of task.upstream) {
      if (!index.groupOf.has(parent)) continue
      const ends = bundleEnds(index, parent, task.id)
      const source = visibleNode(index, ends.source, closed)
      const target = visibleNode(index, ends.target, closed)
      if (source === target) continue
      const id = `${source}→${target}`
      const edge = edges.get(id) ?? { source, target, from: new Set<string>(), to: new Set<string>() }
      edge.from.add(parent)
      edge.to.add(task.id)
      edges.set(id, edge)
    }
  }
  return [...edges].map(([id, edge]) => ({
    id,
    source: edge.source,
    target: edge.target,
    sourceTasks: [...edge.from],
    targetTasks: [...edge.to],
  }))
}

type End = { kind: "task" | "group"; id: string }

/** The outermost pair of groups (or tasks) for which this dependency is one of a complete bundle. */
function bundleEnds(index: GraphIndex, from: string, to: string): { source: End; target: End } {
  const sources = endsOutermostFirst(index, from, to)
  const targets = endsOutermostFirst(index, to, from)
  for (const source of sources) {
    for (const target of targets) {
      const last = source.kind === "group" ? index.lastTasks(source.id) : [source.id]
      const first = target.kind === "group" ? index.firstTasks(target.id) : [target.id]
      if (last.length * first.length >= BUNDLE_MIN && index.isComplete(last, first)) return { source, target }
    }
  }
  return { source: { kind: "task", id: from }, target: { kind: "task", id: to } }
}

/** Groups around `id` that do not also hold `other`, outermost first, then the task itself. */
function endsOutermostFirst(index: GraphIndex, id: string, other: string): End[] {
  const shared = new Set(index.ancestors(index.groupOf.get(other) ?? null))
  const own = index.ancestors(index.groupOf.get(id) ?? null).filter((group) => !shared.has(group))
  return [...own.map((group) => ({ kind: "group", id: group }) as const), { kind: "task", id }]
}

function visibleNode(index: GraphIndex, end: End, closed: ReadonlySet<string>): string {
  const group = end.kind === "group" ? end.id : (index.groupOf.get(end.id) ?? null)
  const hidden = index.outermostClosed(group, closed)
  if (hidden !== null) return groupNodeId(hidden)
  return end.kind === "group" ? groupNodeId(end.id) : end.id
}

/** Task ids have no slash, so groups and tasks never share a node id. */
export function groupNodeId(group: string): string {
  return `group/${group}`
}
