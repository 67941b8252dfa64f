import assert from "node:assert/strict"
import { describe, test } from "node:test"
import { branch, cross, fn, noop, type PipelineBuilder, pipeline, shortCircuit, sql, z } from "headrace"
import { type Manifest, type ManifestTask, manifestSchema } from "../contracts/manifest.ts"
import { toManifest } from "./to-manifest.ts"

const params = z.object({ tables: z.array(z.string()).default(["orders"]) })
type Build = (builder: PipelineBuilder<typeof params>) => void

function check(build: Build): { manifest: Manifest; problems: string[] } {
  const { manifest, faults } = toManifest(pipeline({ id: "p", params }, build) as never, {
    file: "pipelines/p.ts",
    connections: [],
    hasFile: () => true,
    relative: (file) => file,
  })
  if (faults.length === 0) manifestSchema.parse(manifest)
  return { manifest, problems: faults.map((fault) => fault.message) }
}

function tasksOf(build: Build): Record<string, ManifestTask> {
  const { manifest, problems } = check(build)
  assert.deepEqual(problems, [])
  return Object.fromEntries(manifest.tasks.map((task) => [task.id, task]))
}

describe("map", () => {
  test("maps over an output, waits for it, and hands the item to the operator", () => {
    const { load, report } = tasksOf(({ task, map }) => {
      const list = task(
        "list",
        fn(() => ({ regions: [{ name: "eu", days: 3 }] })),
      )
      const load = map(
        "load",
        list.output.regions,
        (region) =>
          fn((_ctx, { name, days }) => ({ rows: name.length * days }), {
            inputs: { name: region.name, days: region.days },
          }),
        { label: (region) => region.name, maxActive: 4, limit: 50, maxFailed: "5%", retries: 2 },
      )
      task(
        "report",
        fn((_ctx, { rows }) => ({ sum: rows.reduce((sum: number, one) => sum + (one ?? 0), 0) }), {
          inputs: { rows: load.output.rows },
        }),
      )
    })
    assert.deepEqual(load!.upstream, ["list"])
    assert.deepEqual(load!.map, {
      over: { $output: { task: "list", path: ["regions"] } },
      label: { $item: ["name"] },
      limit: 50,
      maxActive: 4,
      tolerance: { percent: 5 },
    })
    assert.deepEqual(load!.options.inputs, { name: { $item: ["name"] }, days: { $item: ["days"] } })
    assert.equal(load!.retry.retries, 2)
    assert.deepEqual(report!.upstream, ["load"])
    assert.deepEqual(report!.options.inputs, { rows: { $output: { task: "load", path: ["rows"] } } })
  })

  test("maps over a literal list, a param, and every pair of two lists", () => {
    const tasks = tasksOf(({ map, params }) => {
      map("literal", ["a", "b"], (name) => sql({ text: "select :name", params: { name } }))
      map("param", params.tables, (table) =>
        fn((_ctx, inputs) => ({ size: inputs.table.length }), { inputs: { table } }),
      )
      map("pairs", cross(params.tables, [1, 2]), (table, n) =>
        fn((_ctx, inputs) => ({ text: inputs.table.repeat(inputs.n) }), { inputs: { table, n } }),
      )
    })
    assert.deepEqual(tasks.literal!.map?.over, ["a", "b"])
    assert.deepEqual(tasks.literal!.map?.tolerance, { count: 0 })
    assert.deepEqual(tasks.param!.map?.over, { $param: "tables" })
    assert.deepEqual(tasks.pairs!.map?.over, { cross: [{ $param: "tables" }, [1, 2]] })
    assert.deepEqual(tasks.pairs!.options.inputs, { table: { $item: ["0"] }, n: { $item: ["1"] } })
  })

  test("says what is wrong with a mapping", () => {
    const { problems } = check(({ task, map }) => {
      map("text", "a,b" as never, () => noop())
      map("choice", [1], () => branch(() => null))
      map("options", [1], () => noop(), { maxFailed: "x%" as never, maxActive: 0 })
      task("single", noop(), { maxActive: 1 } as never)
    })
    assert.deepEqual(
      problems.map((problem) => problem.replace(/:.*/, "")),
      ['Task "text"', 'Task "choice"', 'Task "options"', 'Task "options"', 'Task "single"'],
    )
    assert.match(problems[0]!, /maps over something that is no list/)
    assert.match(problems[1]!, /a mapped task cannot be a branch/)
    assert.match(problems[3]!, /write a number or a share such as "5%"/)
  })
})

describe("tear-downs", () => {
  test("wait for their setup, have a rule of their own and do not fail the run", () => {
    const { create, drop, strict } = tasksOf(({ task }) => {
      const create = task("create", noop())
      const work = task("work", noop()).after(create)
      task("drop", noop()).after(work).teardown(create)
      task("strict", noop(), { upstream: work, teardown: { of: "create", failsRun: true } })
    })
    assert.equal(create!.setup, true)
    assert.deepEqual(
      [drop, strict].map((task) => [task!.upstream, task!.triggerRule, task!.teardownOf, task!.failsRun]),
      [
        [["work", "create"], "all_done_setup_success", ["create"], false],
        [["work", "create"], "all_done_setup_success", ["create"], true],
      ],
    )
  })

  test("of a group are not waited for by what waits for the group", () => {
    const { after } = tasksOf(({ task, group }) => {
      const cluster = group("cluster", () => {
        const create = task("create", noop())
        const work = task("work", noop()).after(create)
        task("drop", noop()).after(work).teardown(create)
      })
      task("after", noop()).after(cluster)
    })
    assert.deepEqual(after!.upstream, ["work"])
  })

  test("name tasks that exist, and no trigger rule", () => {
    const { problems } = check(({ task, group }) => {
      const all = group("all", () => void task("inner", noop()))
      task("one", noop()).teardown("nothing")
      task("two", noop(), { triggerRule: "all_done" }).teardown("inner")
      task("three", noop()).teardown(all as never)
    })
    assert.match(problems[0]!, /"one" waits for "nothing", which this pipeline does not have/)
    assert.match(problems[1]!, /a tear-down has a trigger rule of its own/)
    assert.match(problems[2]!, /it tears down a group; name the setup tasks in it/)
  })
})

test("branch and shortCircuit are functions with inputs", () => {
  const { choose, gate } = tasksOf(({ task }) => {
    const size = task(
      "size",
      fn(() => ({ rows: 3 })),
    )
    task(
      "choose",
      branch((_ctx, { rows }) => (rows > 2 ? ["big"] : null), { inputs: { rows: size.output.rows } }),
    )
    task("big", noop()).after("choose")
    task(
      "gate",
      shortCircuit(() => false, { ignoreDownstreamTriggerRules: false }),
    )
  })
  assert.deepEqual([choose!.operator, choose!.upstream], ["branch", ["size"]])
  assert.deepEqual(gate!.options, { ignoreDownstreamTriggerRules: false })
})
