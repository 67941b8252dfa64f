import assert from "node:assert/strict"
import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { after, describe, it } from "node:test"
import { setImmediate } from "node:timers/promises"
import { deserialize } from "node:v8"
import type { Worker } from "node:worker_threads"
import { TARGET, writeProject } from "#test/dbt-project.ts"
import { generateDbtProject } from "../../../bench/generate-dbt-project.ts"
import { ProjectError } from "../project/project-error.ts"
import { ParserThread } from "./parser-thread.ts"

const FILES = {
  "models/ground.sql": "{{ config(materialized='ephemeral') }} select * from {{ source('raw', 'events') }}",
  "models/top.sql": "select {{ var('days') }} as days from {{ ref('ground') }}",
  "models/other.sql": "select 1 as x",
  "models/all.yml": `
sources: [{ name: raw, tables: [{ name: events }] }]
models: [{ name: top, columns: [{ name: days, data_tests: [not_null] }] }]
unit_tests: [{ name: adds, model: top, given: [], expect: { rows: [] } }]`,
}

function open(parser: ParserThread, folder: string) {
  return parser.open({ folder, target: TARGET, vars: { days: 3 }, env: {}, flags: { which: "build" } })
}

describe("ParserThread", () => {
  it("lets this thread go on while a large project is parsed", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-dbt-"))
    after(() => rmSync(folder, { recursive: true, force: true }))
    generateDbtProject(folder, 1_500)
    const parser = new ParserThread()
    const begin = performance.now()
    let isOpen = false
    const project = open(parser, folder).finally(() => {
      isOpen = true
    })
    let longest = 0
    let turns = 0
    for (let last = begin; !isOpen; turns++) {
      await setImmediate()
      const now = performance.now()
      longest = Math.max(longest, now - last)
      last = now
    }
    await project
    const all = performance.now() - begin
    assert.ok(turns > 1_000, `the loop turned ${turns} times`)
    // Of a parse on this thread it is all; the part is what the machine does besides.
    assert.ok(longest < all / 2, `one turn took ${longest} of ${all} ms`)
  })

  it("gives the nodes that are asked for, with what they read", async () => {
    const project = await open(new ParserThread(), writeProject(FILES))
    const tests = await project.slice(["model.shop.top", "unit_test.shop.top.adds", "model.shop.gone"])
    assert.deepEqual([...tests.nodes.keys()], ["model.shop.top", "model.shop.ground"])
    assert.deepEqual([...tests.sources.keys()], ["source.shop.raw.events"])
    assert.deepEqual([...tests.unitTests.keys()], ["unit_test.shop.top.adds"])
    assert.match(tests.nodes.get("model.shop.top")!.raw_code, /var\('days'\)/)
  })

  it("gives the model that a test stands at", async () => {
    const project = await open(new ParserThread(), writeProject(FILES))
    const all = deserialize(await (project.pool.graph() as Promise<Uint8Array>)) as { nodes: object }
    const id = Object.keys(all.nodes).find((each) => each.startsWith("test."))!
    const { nodes } = await project.slice([id])
    assert.deepEqual([...nodes.keys()], [id, "model.shop.top"])
  })

  it("throws what is wrong with a project, with its place", async () => {
    const parser = new ParserThread()
    const broken = open(parser, writeProject({ "models/a.sql": "\n{{ ref('b') }}" }))
    await assert.rejects(broken, (error: unknown) => {
      assert.ok(error instanceof ProjectError)
      assert.equal(`${error.file}:${error.line}`, "models/a.sql:2")
      return true
    })
    await assert.rejects(open(parser, "/nowhere/at/all"))
    await open(parser, writeProject(FILES))
  })

  it("says that a project is lost with its thread, and parses on a new one", async () => {
    const parser = new ParserThread()
    const project = await open(parser, writeProject(FILES))
    const { worker } = Reflect.get(parser, "running") as { worker: Worker }
    const asked = assert.rejects(project.slice(["model.shop.top"]))
    await worker.terminate()
    await Promise.all([asked, project.lost])
    await assert.rejects(project.slice(["model.shop.top"]))
    const again = await open(parser, writeProject(FILES))
    assert.equal((await again.slice(["model.shop.top"])).nodes.size, 2)
  })
})
