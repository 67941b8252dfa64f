import { appendFileSync, mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { ParserThread } from "#lib/models/parser/parser-thread.ts"
import { parseProject } from "#lib/models/project/parse-project.ts"
import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import { TARGET } from "#test/dbt-project.ts"
import { generateDbtProject } from "./generate-dbt-project.ts"
import type { Row } from "./harness.ts"

/**
 * Parses generated dbt projects of 1,000 and 10,000 models, each with a properties entry and two tests; then again with what was
 * kept in the folder; then as a worker does, on a thread, for the first time, with other vars, and after an edit, and for how long at most
 * the worker's own thread was held up meanwhile.
 */
export default {
  name: "dbt parse",
  async run(): Promise<Row[]> {
    const rows: Row[] = []
    for (const models of [1_000, 10_000]) {
      const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-bench-dbt-"))
      try {
        generateDbtProject(folder, models)
        const name = `parse ${models.toLocaleString("en-US")} models with two tests each`
        for (const state of ["cold", "nothing changed"]) {
          const start = performance.now()
          parseProject({ folder, target: TARGET, usesCache: true })
          rows.push({ name: `${name}, ${state}`, value: (performance.now() - start) / 1_000, unit: "s" })
        }
        rows.push(...(await onThread(name, folder)))
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    return rows
  },
}

async function onThread(name: string, folder: string): Promise<Row[]> {
  appendFileSync(path.join(folder, "models/area_0/model_20.sql"), "-- {{ var('day', 1) }}\n")
  const parser = new ParserThread()
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  const rows: Row[] = []
  const open = async (state: string, vars: YamlMap) => {
    const start = performance.now()
    const project = await parser.open({ folder, target: TARGET, vars, env: {}, flags: { which: "build" } })
    await project.slice(["model.generated.model_20"])
    rows.push({ name: `${name}, on a thread, ${state}`, value: (performance.now() - start) / 1_000, unit: "s" })
  }
  await open("cold", { day: 1 })
  await open("other vars", { day: 2 })
  appendFileSync(path.join(folder, "models/area_0/model_7.sql"), "-- edited\n")
  await open("one file changed", { day: 2 })
  rows.push({ name: `${name}, longest hold of the worker`, value: delay.max / 1e6, unit: "ms" })
  return rows
}
