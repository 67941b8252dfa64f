import assert from "node:assert/strict"
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises"
import os from "node:os"
import path from "node:path"
import { after, before, describe, test } from "node:test"
import type { LoadedWorkspace } from "#lib/contracts/manifest.ts"
import { manifestSchema, workspaceProblemSchema } from "#lib/contracts/manifest.ts"
import { AppError } from "#lib/domain/errors.ts"
import { writeProject } from "#test/dbt-project.ts"
import { loadWorkspace } from "./load-workspace.ts"

const fixtures = path.resolve(import.meta.dirname, "../../test/fixtures")
const connections = ["shop"]

function loadBroken(name: string, timeoutMs?: number): Promise<LoadedWorkspace> {
  return loadWorkspace(path.join(fixtures, "broken", name), { connections, timeoutMs })
}

/** `file:line rule message`, the form in which people read a problem. */
function said(workspace: LoadedWorkspace, file?: string): string[] {
  for (const problem of workspace.problems) workspaceProblemSchema.parse(problem)
  return workspace.problems
    .filter((problem) => file === undefined || problem.file === `pipelines/${file}`)
    .map(({ line, column, rule, message }) => `${line ?? "-"}${column === null ? "" : `:${column}`} ${rule} ${message}`)
}

const idsOf = (workspace: LoadedWorkspace) => workspace.pipelines.map((pipeline) => pipeline.manifest.id)

describe("files that do not parse", () => {
  let workspace: LoadedWorkspace
  before(async () => {
    workspace = await loadBroken("syntax")
  })

  test("hide no other file", () => assert.deepEqual(idsOf(workspace), ["good"]))
  test("are reported with line and column", () => {
    assert.deepEqual(said(workspace, "unfinished.ts"), ["5:1 syntax Expression expected."])
    assert.deepEqual(said(workspace, "twice.ts"), ["4:7 syntax Identifier 'limit' has already been declared."])
    assert.match(
      said(workspace, "enumeration.ts")[0] ?? "",
      /^1 syntax TypeScript enum is not supported.* Use plain types/,
    )
  })
  test("are reported in the file that is broken, and in the one that imports it", () => {
    const helper = workspace.problems.find((problem) => problem.file === "lib/helper.ts")
    assert.deepEqual([helper?.line, helper?.rule], [2, "syntax"])
    assert.match(
      said(workspace, "through_helper.ts")[0] ?? "",
      /^- import It imports lib\/helper\.ts:2, which does not load/,
    )
  })
})

describe("imports that lead nowhere", () => {
  let workspace: LoadedWorkspace
  before(async () => {
    workspace = await loadBroken("import")
  })

  test("hide no other file", () => assert.deepEqual(idsOf(workspace), ["good"]))
  for (const [file, expected] of [
    ["no_file.ts", /^2:24 import There is no file "\.\/helper".* with its extension/],
    ["no_package.ts", /^2:21 import The package "no-such-package-of-ours" is not installed; run npm install/],
    ["no_export.ts", /^1:16 import .*does not provide an export named 'pipelin'/],
    ["outside.ts", /^1:22 import .*lies outside the workspace/],
  ] as const) {
    test(`are reported at the import statement: ${file}`, () => {
      assert.equal(said(workspace, file).length, 1)
      assert.match(said(workspace, file)[0] ?? "", expected)
    })
  }
})

describe("files that throw", () => {
  let workspace: LoadedWorkspace
  before(async () => {
    workspace = await loadBroken("exception")
  })

  test("hide neither other files nor other pipelines of the same file", () => {
    assert.deepEqual(idsOf(workspace), ["good", "beside_it"])
  })
  test("are reported at the author's line, with the pipeline where one was being built", () => {
    assert.match(
      said(workspace, "in_build.ts")[0] ?? "",
      /^6:22 exception TypeError: Cannot read properties of undefined/,
    )
    assert.equal(workspace.problems.find((problem) => problem.file.endsWith("in_build.ts"))?.pipelineId, "in_build")
    assert.deepEqual(said(workspace, "thrown_text.ts"), ["- exception Something was thrown: plain text."])
  })
  test("name the helper that threw, and who called it", () => {
    const helper = workspace.problems.find((problem) => problem.file === "lib/fail.ts")
    assert.deepEqual([helper?.line, helper?.rule, helper?.message], [2, "exception", "TypeError: no settings."])
    assert.match(said(workspace, "top_level.ts")[0] ?? "", /^- import It imports lib\/fail\.ts:2/)
  })
  test("say what to do instead of writing a reference into a text", () => {
    const expected =
      /^5:\d+ exception .*output \.rows of task count has no value while the pipeline is declared; pass it as/
    assert.match(said(workspace, "text_of_reference.ts")[0] ?? "", expected)
  })
})

test("ids that are taken are reported with the place of the first, which stays", async () => {
  const workspace = await loadBroken("duplicates")
  assert.deepEqual(said(workspace), [
    '3 duplicate_pipeline The pipeline id "orders" is taken by pipelines/a.ts:3; give this one another id.',
    '6 duplicate_task The pipeline has two tasks "load"; the first stands in line 4. Give each task an id of its own.',
  ])
  assert.deepEqual(
    workspace.pipelines.map((pipeline) => pipeline.manifest.file),
    ["pipelines/a.ts"],
  )
})

describe("graphs that cannot run", () => {
  let workspace: LoadedWorkspace
  before(async () => {
    workspace = await loadBroken("graph")
  })

  for (const [file, expected] of [
    ["cycle.ts", "4 cycle Tasks wait for each other in a circle: a → b → c → a. Remove one of these dependencies."],
    [
      "group_cycle.ts",
      "5 cycle Tasks wait for each other in a circle: extract → load → extract. Remove one of these dependencies.",
    ],
    ["itself.ts", "4 cycle Tasks wait for each other in a circle: a → a. Remove one of these dependencies."],
  ] as const) {
    test(`a cycle is reported with its path: ${file}`, () => assert.deepEqual(said(workspace, file), [expected]))
  }
  test("a dependency that does not exist is reported with the nearest name", () => {
    assert.deepEqual(said(workspace, "unknown.ts"), [
      '10 unknown_dependency "misspelt" waits for "extract_order", which this pipeline does not have; did you mean "extract_orders"?',
      '11 unknown_dependency "foreign" waits for "elsewhere", which belongs to pipeline "other"; wait for a task of this pipeline.',
      '12 unknown_dependency "strange" waits for something that is neither a task nor a group; pass a task, a group or an id.',
    ])
  })
})

describe("values that are wrong", () => {
  let workspace: LoadedWorkspace
  before(async () => {
    workspace = await loadBroken("values")
  })
  const rulesOf = (file: string) => said(workspace, file).map((text) => text.split(" ").slice(0, 2).join(" "))

  test("give no pipeline", () => assert.deepEqual(idsOf(workspace), []))
  test("ids", () => {
    assert.deepEqual(rulesOf("ids.ts"), ["3 bad_id", "7 bad_id", "8 bad_id", "9 bad_id"])
  })
  test("schedules, zones and start dates", () => {
    assert.deepEqual(rulesOf("schedules.ts"), ["3 bad_cron", "4 bad_cron", "5 bad_timezone", "6 bad_option"])
  })
  test("params", () => {
    assert.deepEqual(rulesOf("params.ts"), ["3 bad_param", "4 bad_param", "5 bad_param", "7 bad_param"])
    assert.match(said(workspace, "params.ts")[2] ?? "", /Param "day" has no default, but scheduled runs/)
    assert.match(said(workspace, "params.ts")[3] ?? "", /no param "days"; did you mean "day"\?/)
  })
  test("durations", () => {
    assert.deepEqual(rulesOf("durations.ts"), ["3 bad_duration", "4 bad_duration", "4 bad_duration"])
  })
  test("options, but none where a reference stands for the value", () => {
    assert.deepEqual(
      said(workspace, "options.ts").map((text) => text.replace(/: expected one of.*/, "")),
      [
        "3 bad_option option maxActiveRuns: Too small: expected number to be >=1.",
        '3 bad_option there is no option "shedule"; did you mean "schedule"?',
        '5 bad_option Task "rule": option triggerRule: Invalid option',
        '6 bad_option Task "retries": option retries: Too small: expected number to be >=0.',
        '7 bad_option Task "unknown": there is no option "retrys"; did you mean "retry"?',
        '8 bad_option Task "nothing" has no work; its second argument is sql({…}), fn(…) or the like.',
        '12 bad_option Task "both": option file: give either file or text.',
        '13 bad_option Task "table": option writes: a table is named "schema.name", each part 1 to 63 bytes.',
        '14 bad_option Task "typo": option columns: Invalid input: expected array, received undefined.',
        '14 bad_option Task "typo": Unrecognized key: "colums".',
        '15 bad_option Task "no_json": option inputs.when: a function cannot be part of the manifest; write a plain value.',
        "18 bad_option The build function is async; declare all tasks before it returns, and await in the file's top level.",
      ],
    )
  })
  test("files and connections that do not exist", () => {
    assert.deepEqual(rulesOf("places.ts"), [
      "4 missing_file",
      "5 missing_file",
      "6 missing_file",
      "7 missing_file",
      "8 unknown_connection",
      "9 unknown_connection",
    ])
    assert.match(
      said(workspace, "places.ts")[4] ?? "",
      /"shp" does not exist; there are shop, warehouse\. Set HEADRACE_CONNECTION_SHP/,
    )
  })
})

describe("files that fight back", () => {
  let workspace: LoadedWorkspace
  before(async () => {
    workspace = await loadBroken("hostile", 3_000)
  })

  test("cost the others nothing", () => {
    assert.deepEqual(idsOf(workspace).sort(), ["before_exit", "good", "loud", "meddles", "rejects"])
  })
  for (const [file, expected] of [
    ["endless.ts", /exception Importing the file took longer than 3 s; look for an endless loop/],
    ["exit.ts", /^6:9 exception Error: process\.exit\(0\) is called while the workspace is read/],
    ["abort.ts", /exception Importing the file ended the process \(SIGKILL\)/],
    ["waits.ts", /exception The file awaits something at its top level that never comes/],
    ["greedy.ts", /exception Importing the file took more than 512 MB of memory/],
  ] as const) {
    test(`are reported: ${file}`, () => assert.match(said(workspace, file).join("\n"), expected))
  }
})

describe("a version", () => {
  let dir: string
  before(async () => {
    dir = path.join(await mkdtemp(path.join(os.tmpdir(), "headrace-load-")), "with a space")
    await mkdir(path.join(dir, "pipelines"), { recursive: true })
    await mkdir(path.join(dir, "lib"))
    await mkdir(path.join(dir, "sql"))
    await writeFile(path.join(dir, "sql/orders.sql"), "select 1")
    await writeFile(path.join(dir, "sql/unrelated.sql"), "select 2")
    await writeFile(path.join(dir, "lib/one.ts"), 'export { two } from "./two.ts"\n')
    await writeFile(path.join(dir, "lib/two.ts"), "export const two = 2\n")
    await writeFile(path.join(dir, "lib/unrelated.ts"), "export const three = 3\n")
    await writeFile(
      path.join(dir, "pipelines/orders.ts"),
      `import { fn, pipeline, sql } from "headrace"
import { two } from "../lib/one.ts"
export default pipeline({ id: "orders" }, ({ task }) => {
  task("load", sql({ file: "sql/orders.sql" }))
  task("count", fn(() => ({ two })))
})
`,
    )
  })
  after(() => rm(path.dirname(dir), { recursive: true }))
  const load = async () => {
    const { pipelines, problems } = await loadWorkspace(dir, { connections })
    assert.deepEqual(problems, [])
    return pipelines[0]!
  }

  test("holds the files it executes from, imports of imports among them, and no others", async () => {
    assert.deepEqual(Object.keys((await load()).files), [
      "lib/one.ts",
      "lib/two.ts",
      "pipelines/orders.ts",
      "sql/orders.sql",
    ])
  })

  test("keeps its hash until one of its own files changes", async () => {
    const { hash } = await load()
    assert.match(hash, /^[0-9a-f]{64}$/)
    await writeFile(path.join(dir, "sql/unrelated.sql"), "select 3")
    await writeFile(path.join(dir, "lib/unrelated.ts"), "export const three = 4\n")
    assert.equal((await load()).hash, hash)
    for (const [file, text] of [
      ["sql/orders.sql", "select 10"],
      ["lib/two.ts", "export const two = 22\n"],
    ] as const) {
      await writeFile(path.join(dir, file), text)
      assert.notEqual((await load()).hash, hash, file)
    }
  })

  test("is the same from another folder", async () => {
    const copy = path.join(path.dirname(dir), "copy")
    await cp(dir, copy, { recursive: true })
    const [original, copied] = [await load(), (await loadWorkspace(copy, { connections })).pipelines[0]]
    assert.equal(copied?.hash, original.hash)
  })

  test("is the same through a link to the folder", async () => {
    const link = path.join(path.dirname(dir), "link")
    await symlink(dir, link)
    assert.equal((await loadWorkspace(link, { connections })).pipelines[0]?.hash, (await load()).hash)
  })

  test("does not follow a link out of the workspace", async () => {
    await symlink("/etc/hostname", path.join(dir, "sql/link.sql"))
    await writeFile(
      path.join(dir, "pipelines/link.ts"),
      'import { pipeline, sql } from "headrace"\npipeline({ id: "link" }, ({ task }) => { task("load", sql({ file: "sql/link.sql" })) })\n',
    )
    const { problems } = await loadWorkspace(dir, { connections })
    await rm(path.join(dir, "pipelines/link.ts"))
    assert.deepEqual(
      problems.map((problem) => problem.rule),
      ["missing_file"],
    )
  })
})

describe("a CSV file that a task loads", () => {
  let dir: string
  before(async () => {
    dir = await mkdtemp(path.join(os.tmpdir(), "headrace-csv-"))
    await mkdir(path.join(dir, "pipelines"))
    await mkdir(path.join(dir, "data"))
  })
  after(() => rm(dir, { recursive: true }))

  const load = async (file: string) => {
    await writeFile(
      path.join(dir, "pipelines/rates.ts"),
      `import { loadCsv, pipeline } from "headrace"
export default pipeline({ id: "rates" }, ({ task }) => {
  task("load", loadCsv({ file: ${JSON.stringify(file)}, into: "raw.rates", columns: { day: "date", rate: "numeric" } }))
})
`,
    )
    return loadWorkspace(dir, { connections })
  }

  test("belongs to the version while it is small", async () => {
    await writeFile(path.join(dir, "data/rates.csv"), "\ufeffday,rate\r\n2026-03-01,1.5\r\n")
    const first = await load("data/rates.csv")
    assert.deepEqual(first.problems, [])
    const [pipeline] = first.pipelines
    assert.equal(pipeline?.files["data/rates.csv"], "\ufeffday,rate\r\n2026-03-01,1.5\r\n")
    assert.deepEqual(pipeline?.manifest.tasks[0]?.writes, ["warehouse.raw.rates"])
    await writeFile(path.join(dir, "data/rates.csv"), "day,rate\n")
    assert.notEqual((await load("data/rates.csv")).pipelines[0]?.hash, pipeline?.hash)
  })

  test("stays out of it when it is large, or no text that a version can hold", async () => {
    for (const content of ["day,rate\n".repeat(30_000), Buffer.from("day,rate\n\xfc\n", "latin1"), "day,\0\n"]) {
      await writeFile(path.join(dir, "data/rates.csv"), content)
      const { pipelines, problems } = await load("data/rates.csv")
      assert.deepEqual(problems, [])
      assert.deepEqual(Object.keys(pipelines[0]!.files), ["pipelines/rates.ts"])
    }
  })

  test("must be there, inside the workspace", async () => {
    for (const [file, rules] of [
      ["data/nowhere.csv", ["missing_file"]],
      ["../rates.csv", ["bad_option", "missing_file"]],
    ] as const) {
      const { pipelines, problems } = await load(file)
      assert.deepEqual(pipelines, [])
      assert.deepEqual(
        problems.map(({ file, line, rule }) => [file, line, rule]),
        rules.map((rule) => ["pipelines/rates.ts", 3, rule]),
      )
    }
  })
})

test("author code sees no credentials while it is loaded", async () => {
  process.env.DATABASE_URL = "postgresql://secret@127.0.0.1/x"
  process.env.HEADRACE_CONNECTION_SHOP = "postgresql://secret@127.0.0.1/shop"
  const dir = await mkdtemp(path.join(os.tmpdir(), "headrace-env-"))
  await mkdir(path.join(dir, "pipelines"))
  await writeFile(
    path.join(dir, "pipelines/env.ts"),
    'import { pipeline } from "headrace"\npipeline({ id: "env", tags: Object.keys(process.env) }, () => {})\n',
  )
  const { pipelines } = await loadWorkspace(dir, { connections })
  await rm(dir, { recursive: true })
  const allowed = new Set(["PATH", "HOME", "LANG", "TZ", "TMPDIR", "NODE_ENV"])
  assert.deepEqual(
    pipelines[0]?.manifest.tags.filter((name) => !allowed.has(name) && !name.startsWith("HEADRACE_ENV_")),
    [],
  )
})

test("a folder that is not there is an error, not an empty workspace that would retire every pipeline", async () => {
  await assert.rejects(
    loadWorkspace("/nowhere/at/all", { connections }),
    (error) => error instanceof AppError && error.code === "workspace.invalid",
  )
})

test("a folder without pipelines is a problem", async () => {
  const dir = await mkdtemp(path.join(os.tmpdir(), "headrace-empty-"))
  const workspace = await loadWorkspace(dir, { connections })
  await rm(dir, { recursive: true })
  assert.deepEqual(
    workspace.problems.map((problem) => problem.rule),
    ["missing_file"],
  )
})

test("the demo workspace loads without a problem, and its manifests fit their contract", async () => {
  const workspace = await loadWorkspace(path.resolve(fixtures, "../../workspace"), { connections })
  assert.deepEqual(workspace.problems, [])
  for (const { manifest } of workspace.pipelines) assert.deepEqual(manifestSchema.parse(manifest), manifest)
  assert.ok(idsOf(workspace).includes("daily_etl"))
})

test("pipelines that would start each other without end are reported, each in its place, and left out", async () => {
  const workspace = await loadBroken("loop")
  assert.deepEqual(idsOf(workspace), ["good"])
  const lines = said(workspace, "loop.ts")
  assert.deepEqual(
    lines.map((line) => line.slice(0, 7)),
    ["3 cycle", "4 cycle", "5 cycle"],
  )
  assert.match(lines[0] ?? "", /start each other in a circle: (one|two|three) → .* Take one of these triggers away/)
})

describe("a dbt project", () => {
  const SCHEMA = `
models:
  - name: orders
    description: Orders by day.
    columns: [{ name: id, data_tests: [unique] }, { name: customer, data_tests: [{ relationships: { to: ref('customers'), field: id } }] }]
`
  const FILES = {
    "dbt/dbt_project.yml": "name: shop\n",
    "dbt/models/customers.sql": "select 1 as id",
    "dbt/models/stg_orders.sql": "{{ config(materialized='ephemeral') }} select 1 as id, 1 as customer",
    "dbt/models/orders.sql": "select * from {{ ref('stg_orders') }}",
    "dbt/models/report.sql": "select * from {{ ref('orders') }}",
    "dbt/models/schema.yml": SCHEMA,
    "dbt/target/compiled/orders.sql": "no part of a version",
    "pipelines/shop.ts": `import { noop, pipeline } from "headrace"
pipeline({ id: "shop" }, ({ task, dbt }) => {
  const models = dbt({ schema: "marts" }, { retries: 2 })
  task("tell", noop()).after(models)
})
`,
  }
  const load = async (files: Record<string, string>) => {
    const dir = writeProject(files)
    return loadWorkspace(dir, { connections })
  }

  test("becomes a task for each node, with its tests as the gate of what is built from it", async () => {
    const workspace = await load(FILES)
    assert.deepEqual(workspace.problems, [])
    const { manifest } = workspace.pipelines[0]!
    assert.deepEqual(
      manifest.tasks.map(({ id, group, upstream }) => [id, group, upstream]),
      [
        ["customers", "dbt", []],
        ["orders", "dbt", []],
        ["orders_tests", "dbt", ["orders", "customers"]],
        ["report", "dbt", ["orders_tests"]],
        ["tell", null, ["report"]],
      ],
    )
    const orders = manifest.tasks.find(({ id }) => id === "orders")!
    assert.equal(orders.description, "Orders by day.")
    assert.equal(orders.retry.retries, 2)
    assert.deepEqual(orders.writes, ["warehouse.marts.orders"])
    assert.deepEqual(manifest.tasks.find(({ id }) => id === "report")!.reads, ["warehouse.marts.orders"])
  })

  test("waits within a task for what its tests read besides", async () => {
    const pipeline = `import { pipeline } from "headrace"
pipeline({ id: "shop" }, ({ dbt }) => void dbt({ tests: "within" }))
`
    const { manifest } = (await load({ ...FILES, "pipelines/shop.ts": pipeline })).pipelines[0]!
    assert.deepEqual(
      manifest.tasks.map(({ id, upstream, options }) => [id, upstream, (options.nodes as string[]).length]),
      [
        ["customers", [], 1],
        ["orders", ["customers"], 3],
        ["report", ["orders"], 1],
      ],
    )
  })

  test("takes a reference for a var, and the project's own value while it is declared", async () => {
    const workspace = await load({
      ...FILES,
      "dbt/dbt_project.yml": "name: shop\nvars: { days: 7 }\n",
      "dbt/models/report.sql": "{{ config(alias='report_' ~ var('days')) }} select * from {{ ref('orders') }}",
      "pipelines/shop.ts": `import { pipeline, z } from "headrace"
pipeline({ id: "shop", params: z.object({ days: z.int().default(3) }) }, ({ dbt, params }) => {
  dbt({ vars: { days: params.days, kind: "web" } })
})
`,
    })
    assert.deepEqual(workspace.problems, [])
    const report = workspace.pipelines[0]!.manifest.tasks.find(({ id }) => id === "report")!
    assert.deepEqual(report.options.vars, { kind: "web", days: { $param: "days" } })
    assert.deepEqual(report.writes, ["warehouse.analytics.report_7"])
  })

  test("belongs to the version, but for what is made from it", async () => {
    const { files } = (await load(FILES)).pipelines[0]!
    const names = Object.keys(files).filter((name) => name.startsWith("dbt/"))
    assert.deepEqual(
      names.sort(),
      Object.keys(FILES)
        .filter((name) => /^dbt\/(?!target)/.test(name))
        .sort(),
    )
  })

  test("that is wrong is reported with the project's file and line, and hides no other pipeline", async () => {
    const broken = "select 1 as id\nfrom {{ ref('order') }}"
    const other = `import { noop, pipeline } from "headrace"\npipeline({ id: "other" }, ({ task }) => void task("only", noop()))\n`
    const workspace = await load({ ...FILES, "dbt/models/report.sql": broken, "pipelines/other.ts": other })
    assert.deepEqual(idsOf(workspace), ["other"])
    const [problem] = workspace.problems
    assert.deepEqual([problem!.file, problem!.line, problem!.rule], ["dbt/models/report.sql", 2, "dbt"])
    assert.match(problem!.message, /"order", which is not there; did you mean "orders"\?/)
  })

  test("of which nothing is selected is a problem", async () => {
    const pipeline = FILES["pipelines/shop.ts"].replace('{ schema: "marts" }', '{ select: "tag:nightly" }')
    const workspace = await load({ ...FILES, "pipelines/shop.ts": pipeline })
    assert.match(workspace.problems[0]!.message, /nothing of dbt is selected/)
  })
})
