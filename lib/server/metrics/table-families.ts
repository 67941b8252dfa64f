import type { DatasetFacts, MetricsSnapshot } from "#lib/store/read/metrics.ts"
import { type Exposition, labels, type Sample, type Value } from "./exposition.ts"

const OPERATIONS = ["inserted", "updated", "deleted", "rejected"] as const

/** What was written to tables, how old and how good they are. */
export function renderTables(out: Exposition, { datasets, datasetsLeftOut, loads }: MetricsSnapshot): void {
  const tables = datasets.map((dataset) => ({ ...dataset, name: labels({ table_name: dataset.id }) }))
  const each = (value: (dataset: DatasetFacts) => Value | null): Sample[] =>
    tables.flatMap((table): Sample[] => {
      const known = value(table)
      return known === null ? [] : [[known, table.name]]
    })
  const writers = loads.map((load) => ({
    ...load,
    name: labels({ pipeline_name: load.pipelineId, table_name: load.datasetId }),
  }))
  out.family(
    { name: "rows_processed_total", type: "counter", help: "Rows that loads wrote or set aside." },
    writers.flatMap((load) =>
      OPERATIONS.map((operation): Sample => [load[operation], `${load.name},operation="${operation}"`]),
    ),
  )
  out.family(
    { name: "headrace_loads_total", type: "counter", help: "Loads of a table." },
    writers.map((load) => [load.loads, load.name]),
  )
  out.family(
    {
      name: "headrace_last_load_rows",
      type: "gauge",
      help: "Rows that the newest load inserted or updated; backfills are left out.",
    },
    writers.flatMap(({ lastRows, name }): Sample[] => (lastRows === null ? [] : [[lastRows, name]])),
  )
  out.family(
    {
      name: "data_freshness_seconds",
      type: "gauge",
      help: "Age of the newest data of a table, or of its newest load where its data is not looked at.",
    },
    each(({ ageSeconds }) => ageSeconds),
  )
  out.family(
    {
      name: "headrace_data_overdue_seconds",
      type: "gauge",
      help: "Since when a table is late by its freshness policy; below 0 until it will be.",
    },
    each(({ overdueSeconds }) => overdueSeconds),
  )
  out.family(
    { name: "data_quality_score", type: "gauge", help: "Newest score of a table, 0 to 100; none without checks." },
    each(({ score }) => score),
  )
  out.family(
    { name: "headrace_table_rows", type: "gauge", help: "Rows in a table after its newest load that counted them." },
    each(({ rows }) => rows),
  )
  out.family(
    { name: "headrace_metrics_tables_left_out", type: "gauge", help: "Tables beyond the limit of this page." },
    [[datasetsLeftOut]],
  )
}
