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
        const start = performance.now()
        parseProject({ folder, target: TARGET })
        rows.push({
          name: `parse ${models.toLocaleString("en-US")} models`,
          value: performance.now() - start,
          unit: "ms",
        })
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    }
    return rows
  },
}
