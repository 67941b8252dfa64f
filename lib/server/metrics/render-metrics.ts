import type { ProcessFigures } from "#lib/contracts/process-figures.ts"
import type { MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { HEADRACE_VERSION } from "../version.ts"
import { Exposition, type Format, labels } from "./exposition.ts"
import { renderPipelines } from "./pipeline-families.ts"
import { renderProcesses } from "./process-families.ts"
import { renderQueue } from "./queue-families.ts"
import { renderTables } from "./table-families.ts"
import { renderTrouble } from "./trouble-families.ts"
import { renderWorkers } from "./worker-families.ts"

export interface MetricsInput {
  /** Null: the database did not answer. */
  snapshot: MetricsSnapshot | null
  /** Of this web process. */
  web: ProcessFigures
}

/** All metrics as one document; docs/metrics.md says what each means. */
export function renderMetrics({ snapshot, web }: MetricsInput, format: Format): string {
  const out = new Exposition(format)
  out.family({ name: "headrace_build_info", type: "info", help: "The version that answers." }, [
    [1, labels({ version: HEADRACE_VERSION })],
  ])
  out.family({ name: "headrace_database_up", type: "gauge", help: "Whether Headrace's database answered." }, [
    [snapshot ? 1 : 0],
  ])
  if (snapshot) {
    renderPipelines(out, snapshot)
    renderTables(out, snapshot)
    renderQueue(out, snapshot)
    renderTrouble(out, snapshot)
    renderWorkers(out, snapshot)
  }
  renderProcesses(out, snapshot, web)
  return out.toString()
}
