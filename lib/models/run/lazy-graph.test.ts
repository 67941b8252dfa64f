import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { dbtEnvironment } from "../context/dbt-environment.ts"
import { LazyGraph, mergeAdditions } from "./lazy-graph.ts"

const EMPTY = { nodes: { "model.shop.a": { name: "a" } }, sources: {}, exposures: {}, metrics: {}, groups: {} }
const environment = dbtEnvironment("strict")

describe("LazyGraph", () => {
  it("is fetched when a template first looks into it, once", () => {
    let fetched = 0
    const graph = new LazyGraph(() => {
      fetched++
      return EMPTY
    })
    assert.equal(environment.render("nothing", { graph }), "nothing")
    assert.equal(fetched, 0)
    const text = "{{ graph.nodes['model.shop.a'].name }}{{ graph['nodes'] | length }}{{ 'sources' in graph }}"
    assert.equal(environment.render(text, { graph }), "a1True")
    assert.equal(fetched, 1)
  })

  it("keeps what templates put in, and hands it to other threads", () => {
    const [one, other] = [new LazyGraph(() => EMPTY), new LazyGraph(() => EMPTY)]
    const put = "{% do graph.setdefault('own', {}).update({node: [1, 2.5, 'x']}) %}"
    environment.render(put, { graph: one, node: "a" })
    environment.render(put, { graph: other, node: "b" })
    other.takeOver(one.additions!)
    assert.equal(
      environment.render("{{ graph.own.keys() | sort }} {{ graph.own.a }}", { graph: other }),
      "['a', 'b'] [1, 2.5, 'x']",
    )
  })

  it("leaves objects where they are", () => {
    const graph = new LazyGraph(() => EMPTY)
    environment.render("{% do graph.update({'g': graph, 'list': [graph], 'n': none}) %}", { graph })
    assert.deepEqual(graph.additions, { n: null })
    assert.equal(new LazyGraph(() => EMPTY).additions, null)
  })
})

describe("mergeAdditions", () => {
  it("joins dicts by key, and takes the longer list", () => {
    const all = { own: { a: 1, list: [1, 2] } }
    mergeAdditions(all, { own: { a: 2, b: 3, list: [1, 2, 3] }, more: {} })
    assert.deepEqual(all, { own: { a: 1, b: 3, list: [1, 2, 3] }, more: {} })
  })
})
