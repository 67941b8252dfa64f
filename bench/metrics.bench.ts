import { createProcessMeter } from "#lib/server/metrics/process-meter.ts"
import { createMetricsHandler } from "#lib/server/metrics/serve-metrics.ts"
import { openStore } from "#lib/store/client.ts"
import { createTestDatabase } from "#test/db.ts"

const PIPELINES = 1_000
const ROUNDS = 41
const WARM = 20

/**
 * A scrape of /api/metrics with 1,000 pipelines of two tables each, whose runs ended in three ways and fill four buckets a
 * status: milliseconds from the request to the whole text, warm. Aim: 50 ms.
 */
export default {
  name: "metrics",
  async run() {
    const database = await createTestDatabase()
    const store = await openStore({ databaseUrl: database.url, applicationName: "bench", onError: () => undefined })
    try {
      await store.pool.query(FILL, [PIPELINES])
      await store.pool.query("analyze")
      const handle = createMetricsHandler({
        config: { host: "127.0.0.1", metricsToken: null, metricsLimit: 5_000 },
        store: async () => store,
        meter: createProcessMeter(),
      })
      const times: number[] = []
      let page = new ArrayBuffer(0)
      for (let round = 0; round < WARM + ROUNDS; round++) {
        const begin = performance.now()
        const response = await handle(new Request("http://localhost:8420/api/metrics"))
        page = await response.arrayBuffer()
        if (round >= WARM) times.push(performance.now() - begin)
      }
      const lines = new TextDecoder().decode(page).split("\n").length
      if (lines < PIPELINES * 40) throw new Error(`the page has ${lines} lines only`)
      times.sort((a, b) => a - b)
      return [
        { name: `scrape of ${PIPELINES} pipelines, p50`, value: times[Math.floor(ROUNDS / 2)]!, unit: "ms" },
        { name: `scrape of ${PIPELINES} pipelines, p95`, value: times[Math.floor(ROUNDS * 0.95)]!, unit: "ms" },
        { name: "lines", value: lines, unit: "" },
        { name: "size of the page", value: page.byteLength / 1_000_000, unit: "MB" },
      ]
    } finally {
      await store.close()
      await database.drop()
    }
  },
}

const FILL = `
  with pipelines as (
    insert into pipeline (id, owner, file, current_version)
    select 'pipeline_' || n, 'Data platform', 'pipelines/p.ts', 1 from generate_series(1, $1::int) n
  ), runs as (
    insert into run_counter (pipeline_id, status, runs, durations, seconds, last_at)
    select 'pipeline_' || n, status, 4 * n, array[0, 0, n, 0, 0, 0, n, 0, n, 0, 0, 0, n], n * 5.5, now()
    from generate_series(1, $1::int) n, unnest(array['success', 'failed']) status
  ), datasets as (
    insert into dataset (id, updated_at, row_count)
    select 'warehouse.marts.table_' || n, now(), n from generate_series(1, 2 * $1::int) n
  ), loads as (
    insert into load_counter (pipeline_id, dataset_id, rows_inserted, rows_updated, rows_deleted, rows_rejected, loads,
                              last_rows, last_at)
    select 'pipeline_' || (n + 1) / 2, 'warehouse.marts.table_' || n, 10 * n, n, n, 0, n, n, now()
    from generate_series(1, 2 * $1::int) n
  )
  insert into quality_score (dataset_id, dimension, score, checks)
  select 'warehouse.marts.table_' || n, dimension, 90 + day, 5
  from generate_series(1, 2 * $1::int) n, generate_series(1, 7) day, unnest(array['overall', 'validity']) dimension`
