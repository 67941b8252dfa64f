import assert from "node:assert/strict"
import { test } from "node:test"
import { toFlowGraph } from "./flow-graph.ts"
import { graphOf } from "./graph-fixture.ts"

const open = new Set<string>()
const edgesOf = (shape: Record<string, string[]>, closed: ReadonlySet<string> = open) =>
  toFlowGraph(graphOf(shape), closed).edges.map((edge) => `${edge.source} > ${edge.target}`)

test("draws tasks inside their open group, parents before children", () => {
  const { nodes } = toFlowGraph(graphOf({ "load.inner.a": [], "load.b": [], c: [] }), open)
  assert.deepEqual(
    nodes.map((node) => [node.id, node.parent]),
    [
      ["group/load", null],
      ["group/load.inner", "group/load"],
      ["a", "group/load.inner"],
      ["b", "group/load"],
      ["c", null],
    ],
  )
})

test("a closed group stands for every task below it and hides groups inside it", () => {
  const { nodes } = toFlowGraph(graphOf({ "load.inner.a": [], "load.b": [], c: [] }), new Set(["load", "load.inner"]))
  assert.deepEqual(
    nodes.map((node) => [node.id, node.kind, node.taskIds]),
    [
      ["group/load", "closed_group", ["a", "b"]],
      ["c", "task", ["c"]],
    ],
  )
})

test("draws single dependencies between tasks across group borders", () => {
  assert.deepEqual(edgesOf({ "x.a": [], "x.b": [], "y.c": ["a"], "y.d": ["b"] }), ["a > c", "b > d"])
})

test("replaces a complete bundle between two groups by one edge", () => {
  const shape = { "x.a": [], "x.b": [], "y.c": ["a", "b"], "y.d": ["a", "b"] }
  const { edges } = toFlowGraph(graphOf(shape), open)
  assert.deepEqual(edges, [
    {
      id: "group/x→group/y",
      source: "group/x",
      target: "group/y",
      sourceTasks: ["a", "b"],
      targetTasks: ["c", "d"],
    },
  ])
})

test("bundles only last and first tasks, and keeps what runs inside the groups", () => {
  const shape = {
    "x.first": [],
    "x.a": ["first"],
    "x.b": ["first"],
    "y.c": ["a", "b"],
    "y.d": ["a", "b"],
    "y.e": ["c"],
  }
  assert.deepEqual(edgesOf(shape).toSorted(), ["c > e", "first > a", "first > b", "group/x > group/y"])
})

test("does not bundle when one dependency of the bundle is missing", () => {
  const shape = { "x.a": [], "x.b": [], "y.c": ["a", "b"], "y.d": ["a"] }
  assert.deepEqual(edgesOf(shape), ["a > c", "b > c", "a > d"])
})

test("merges the edges of a closed group and drops those inside it", () => {
  const shape = { "x.a": [], "x.b": ["a"], "y.c": ["a"], "y.d": ["b"] }
  assert.deepEqual(edgesOf(shape, new Set(["x"])), ["group/x > c", "group/x > d"])
  assert.deepEqual(edgesOf(shape, new Set(["x", "y"])), ["group/x > group/y"])
})

test("gives the tasks of one column of a group one width, wide enough for the longest name", () => {
  const shape = { "x.a": [], "x.mrt_campaign_performance": [], "x.next": ["a"], b: [] }
  const { nodes } = toFlowGraph(graphOf(shape), open)
  const width = (id: string) => nodes.find((node) => node.id === id)!.width
  assert.equal(width("a"), width("mrt_campaign_performance"))
  assert.ok(width("a") > width("next"))
  assert.ok(width("a") > width("b"))
})

test("ignores a dependency on a task that is not there", () => {
  assert.deepEqual(edgesOf({ a: ["gone"] }), [])
})
