import { SemanticIndex } from "../artifacts/metric-entry.ts"
import { listOf, recordOf } from "../artifacts/semantic-values.ts"
import type { Manifest } from "./manifest.ts"

/**
 * Gives metrics, saved queries and exposures their parents in the semantic layer, which they name without a ref: measures of semantic
 * models and other metrics. So selections, circles and the maps of manifest.json know them.
 */
export function linkMetrics(manifest: Manifest): void {
  const index = new SemanticIndex(manifest)
  const add = (node: { depends_on: { nodes: string[] } }, ids: readonly string[]): void => {
    node.depends_on.nodes = [...new Set([...node.depends_on.nodes, ...ids])]
  }
  const named = (names: readonly unknown[]) => names.flatMap((name) => index.metricId(String(name)) ?? [])
  for (const metric of manifest.metrics.values()) add(metric, index.parentsOf(metric))
  for (const query of manifest.savedQueries.values()) {
    add(query, named(listOf(recordOf(query.definition.query_params).metrics)))
  }
  for (const exposure of manifest.exposures.values()) add(exposure, named(exposure.metrics.map((call) => call.at(-1))))
}
