import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { parseProject } from "#lib/models/project/parse-project.ts"
import { TARGET } from "#test/dbt-project.ts"
import { generateDbtProject } from "./generate-dbt-project.ts"
import type { Row } from "./harness.ts"

/** Parses generated dbt projects of 1,000 and 10,000 models, each with a properties entry and two tests; then again with what was kept. */
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
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    return rows
  },
}
