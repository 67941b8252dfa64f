import type { ColumnRef, ColumnTrail, LineageGraph, LineageNode } from "#lib/contracts/api/lineage.ts"
import type { FlowEdge, FlowGraph, FlowNode } from "../dag/flow-graph.ts"

/** How a column is reached: `start` is the one that was picked. */
export type RowKind = "start" | "direct" | "derived"

/** A column that a dataset shows because the way of the picked one leads through it. */
export interface TrailRow {
  column: string
  kind: RowKind
}

/** What a dataset shows. */
export interface DatasetCard {
  node: LineageNode
  rows: TrailRow[]
  /** Columns of the way for which there is no room. */
  hiddenRows: number
  /** Whether the way of the picked column leads through it; true of all where none is picked. */
  isOnTrail: boolean
}

/** `filter`: the column decides which rows the other dataset has. */
export type ColumnEdgeKind = "direct" | "derived" | "filter"

/** Solid: the same value. Dashed: worked out with it. Dotted: decides which rows there are. */
export const EDGE_DASHES: Readonly<Record<ColumnEdgeKind, string | undefined>> = {
  direct: undefined,
  derived: "5 3",
  filter: "1.5 3",
}

/** A step of a column's way: to a row of the other dataset, or to the dataset as a whole. */
export interface ColumnEdge {
  id: string
  kind: ColumnEdgeKind
  from: ColumnRef
  to: { dataset: string; column: string | null }
}

export interface LineageFlow {
  graph: FlowGraph
  cards: ReadonlyMap<string, DatasetCard>
  columnEdges: ColumnEdge[]
}

export const HEAD_HEIGHT = 44
export const ROW_HEIGHT = 20
const ROWS_PADDING = 6
/** More would make one dataset taller than the screen. */
const MOST_ROWS = 14

/** What the canvas draws: datasets with the columns that a picked column leads through. */
export function toLineageFlow({ nodes, edges }: LineageGraph, picked: PickedTrail | null): LineageFlow {
  const rows = rowsOf(picked)
  const onTrail = new Set(rows.keys())
  for (const { dataset } of picked?.trail.rows ?? []) onTrail.add(dataset)
  const cards = new Map(
    nodes.map((node): [string, DatasetCard] => {
      const all = rows.get(node.id) ?? []
      return [
        node.id,
        {
          node,
          rows: all.slice(0, MOST_ROWS),
          hiddenRows: Math.max(0, all.length - MOST_ROWS),
          isOnTrail: picked === null || onTrail.has(node.id),
        },
      ]
    }),
  )
  return {
    graph: {
      nodes: [...cards.values()].map(toFlowNode),
      edges: edges.map(({ from, to }) => tableEdge(from, to)),
    },
    cards,
    columnEdges: picked ? columnEdges(picked, cards) : [],
  }
}

/** A column that was picked, and its way. */
export interface PickedTrail {
  start: ColumnRef
  trail: ColumnTrail
}

/** What lies on the way of a picked column, and nothing else. */
export function onlyTheWay({ nodes, edges }: LineageGraph, { start, trail }: PickedTrail): LineageGraph {
  const kept = new Set([start, ...trail.upstream, ...trail.downstream, ...trail.rows].map(({ dataset }) => dataset))
  return {
    nodes: nodes.filter(({ id }) => kept.has(id)),
    edges: edges.filter(({ from, to }) => kept.has(from) && kept.has(to)),
  }
}

/** Where a column's row lies below its dataset's upper edge, in the middle; the head's middle for the whole dataset. */
export function rowOffset(card: DatasetCard, column: string | null): number {
  const index = card.rows.findIndex((row) => row.column === column)
  if (column === null || index === -1) return HEAD_HEIGHT / 2
  return HEAD_HEIGHT + index * ROW_HEIGHT + ROW_HEIGHT / 2
}

/** `name` of `warehouse.schema.name`. */
export function shortName(id: string): string {
  return id.split(".").slice(2).join(".") || id
}

function rowsOf(picked: PickedTrail | null): Map<string, TrailRow[]> {
  const rows = new Map<string, TrailRow[]>()
  if (!picked) return rows
  const { start, trail } = picked
  rows.set(start.dataset, [{ column: start.column, kind: "start" }])
  for (const { dataset, column, influence } of [...trail.upstream, ...trail.downstream]) {
    const list = rows.get(dataset) ?? []
    if (!list.some((row) => row.column === column)) list.push({ column, kind: influence })
    rows.set(dataset, list)
  }
  return rows
}

function toFlowNode(card: DatasetCard): FlowNode {
  const { id } = card.node
  const lines = card.rows.length + (card.hiddenRows > 0 ? 1 : 0)
  const longest = Math.max(shortName(id).length, ...card.rows.map(({ column }) => column.length))
  return {
    id,
    kind: "task",
    parent: null,
    label: shortName(id),
    taskIds: [id],
    // 7 px is the mean advance of a letter at 12 px; 52 px are the mark and the padding, 30 px the lock with its number.
    width: Math.min(300, Math.max(160, Math.ceil(longest * 7 + (card.node.sensitiveColumns > 0 ? 82 : 52)))),
    height: HEAD_HEIGHT + (lines === 0 ? 0 : lines * ROW_HEIGHT + ROWS_PADDING),
  }
}

function tableEdge(from: string, to: string): FlowEdge {
  return { id: `${from} ${to}`, source: from, target: to, sourceTasks: [from], targetTasks: [to] }
}

function columnEdges({ start, trail }: PickedTrail, cards: ReadonlyMap<string, DatasetCard>): ColumnEdge[] {
  const steps = trail.edges.map(
    ({ from, to, influence }): ColumnEdge => ({
      id: `${from.dataset} ${from.column} ${to.dataset} ${to.column}`,
      kind: influence,
      from,
      to,
    }),
  )
  const decided = trail.rows.map(
    ({ dataset }): ColumnEdge => ({
      id: `${start.dataset} ${start.column} ${dataset}`,
      kind: "filter",
      from: start,
      to: { dataset, column: null },
    }),
  )
  const drawn = new Map([...decided, ...steps].map((edge) => [edge.id, edge]))
  return [...drawn.values()].filter(({ from, to }) => cards.has(from.dataset) && cards.has(to.dataset))
}
