import assert from "node:assert/strict"
import { test } from "node:test"
import { TARGET, writeProject } from "#test/dbt-project.ts"
import { parseProject } from "../project/parse-project.ts"
import { nodeTask } from "./node-task.ts"
import { poolProject } from "./project-setup.ts"
import { PROJECTS_KEPT } from "./protocol.ts"
import { ThreadPool } from "./thread-pool.ts"

test("Threads run tasks of many projects in turn, each with its own macros, vars and graph.", async () => {
  const folder = writeProject({
    "dbt_project.yml": "name: shop\nprofile: shop\nvars: { days: 1 }\n",
    "macros/days.sql": "{% macro days() %}{{ var('days') }}{% endmacro %}",
    "models/a.sql": "{% do graph.setdefault('seen', []).append(days()) %}select {{ graph.seen | join('+') }}",
  })
  const pool = new ThreadPool({ size: 1, session: null, project: null, onLog: () => undefined })
  try {
    const projects = Array.from({ length: PROJECTS_KEPT + 2 }, (_, days) => {
      const project = parseProject({ folder, target: TARGET, vars: { days }, flags: { which: "build" } })
      const task = nodeTask(project.manifest, project.manifest.nodes.get("model.shop.a")!, { kind: "compile" })
      const of = poolProject(project, { selected: [], invocationArgs: {} })
      return async () => (await pool.run(task, { project: of })).compiledCode
    })
    const said: (string | null)[] = []
    for (const run of [...projects, ...projects]) said.push(await run())
    const once = projects.map((_, days) => `select ${days}`)
    assert.deepEqual(said.slice(0, projects.length), once)
    assert.deepEqual(
      said.slice(projects.length),
      projects.map((_, days) => `select ${days}+${days}`),
    )
  } finally {
    await pool.close()
  }
})
