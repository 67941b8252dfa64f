import assert from "node:assert/strict"
import { test } from "node:test"
import type { ColumnTrail, LineageGraph, LineageNode } from "#lib/contracts/api/lineage.ts"
import { HEAD_HEIGHT, onlyTheWay, ROW_HEIGHT, rowOffset, shortName, toLineageFlow } from "./lineage-flow.ts"

function node(id: string): LineageNode {
  return {
    id,
    kind: "model",
    materialized: "table",
    description: "",
    owner: null,
    tags: [],
    sensitiveColumns: 0,
    isTraced: true,
    pipelineId: null,
    url: null,
    taskId: null,
    distance: 0,
    moreUpstream: 0,
    moreDownstream: 0,
  }
}

const [RAW, STG, MART] = ["warehouse.raw.orders", "warehouse.stg.orders", "warehouse.mart.orders"]
const GRAPH: LineageGraph = {
  nodes: [RAW, STG, MART].map(node),
  edges: [
    { from: RAW, to: STG },
    { from: STG, to: MART },
  ],
}
const TRAIL: ColumnTrail = {
  upstream: [{ dataset: RAW, column: "id", influence: "direct", distance: 1 }],
  downstream: [{ dataset: "warehouse.far.away", column: "id", influence: "derived", distance: 1 }],
  edges: [
    {
      from: { dataset: RAW, column: "id" },
      to: { dataset: STG, column: "id" },
      influence: "direct",
      anonymisedBy: null,
    },
    {
      from: { dataset: STG, column: "id" },
      to: { dataset: "warehouse.far.away", column: "id" },
      influence: "derived",
      anonymisedBy: null,
    },
  ],
  rows: [{ dataset: MART, kinds: ["filter"] }],
  decidedBy: [],
  gaps: [],
  isTraced: true,
}
const PICKED = { start: { dataset: STG, column: "id" }, trail: TRAIL }

test("without a picked column, datasets are heads alone and all of them count", () => {
  const { graph, cards, columnEdges } = toLineageFlow(GRAPH, null)
  assert.deepEqual(new Set(graph.nodes.map(({ height }) => height)), new Set([HEAD_HEIGHT]))
  assert.ok([...cards.values()].every(({ isOnTrail }) => isOnTrail))
  assert.equal(columnEdges.length, 0)
})

test("a picked column shows a row in each dataset on its way, and a filter leads to the dataset as a whole", () => {
  const { cards, columnEdges } = toLineageFlow(GRAPH, PICKED)
  assert.deepEqual(cards.get(STG)?.rows, [{ column: "id", kind: "start" }])
  assert.deepEqual(cards.get(RAW)?.rows, [{ column: "id", kind: "direct" }])
  assert.deepEqual([cards.get(MART)?.rows, cards.get(MART)?.isOnTrail], [[], true])
  assert.deepEqual(
    columnEdges.map(({ kind, to }) => [kind, to.dataset, to.column]),
    [
      ["filter", MART, null],
      ["direct", STG, "id"],
    ],
  )
})

test("an edge ends at the middle of its row, or of the head", () => {
  const { cards } = toLineageFlow(GRAPH, PICKED)
  assert.equal(rowOffset(cards.get(STG)!, "id"), HEAD_HEIGHT + ROW_HEIGHT / 2)
  assert.equal(rowOffset(cards.get(STG)!, null), HEAD_HEIGHT / 2)
})

test("a dataset shows no more columns than there is room for, and says how many it leaves out", () => {
  const many = Array.from({ length: 30 }, (_, i) => ({
    dataset: RAW,
    column: `c${i}`,
    influence: "derived" as const,
    distance: 1,
  }))
  const { cards } = toLineageFlow(GRAPH, { ...PICKED, trail: { ...TRAIL, upstream: many } })
  assert.deepEqual([cards.get(RAW)?.rows.length, cards.get(RAW)?.hiddenRows], [14, 16])
})

test("narrowed to its way, a graph holds what the column passes and what it decides", () => {
  const other = "warehouse.mart.other"
  const graph = { nodes: [...GRAPH.nodes, node(other)], edges: [...GRAPH.edges, { from: STG, to: other }] }
  const narrowed = onlyTheWay(graph, PICKED)
  assert.deepEqual(
    narrowed.nodes.map(({ id }) => id),
    [RAW, STG, MART],
  )
  assert.deepEqual(narrowed.edges, GRAPH.edges)
})

test("a dataset is called by its name without warehouse and schema", () => {
  assert.deepEqual(["warehouse.a.b", "odd"].map(shortName), ["b", "odd"])
})
