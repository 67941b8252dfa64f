import type { PipelineGrid } from "#lib/contracts/api/pipeline-views.ts"
import { TestApi } from "#test/api-client.ts"
import { makePipeline } from "#test/factories.ts"

const TASKS = 5_000
const RUNS = 25
/** Runs in the table: the 25 asked for are the newest of many. */
const HISTORY = 100
const ROUNDS = 21

/**
 * The grid of 5,000 tasks and 25 runs through the API: milliseconds from the request to the whole answer, warm, with
 * 500,000 task runs in the table. Aim: 150 ms.
 */
export default {
  name: "grid",
  async run() {
    const t = await TestApi.open()
    t.api.dependencies.checksAnswers = false
    try {
      await fill(t)
      const times: number[] = []
      let bytes = 0
      for (let round = 0; round <= ROUNDS; round++) {
        const begin = performance.now()
        const text = await (await t.request(`/pipelines/wide/grid?runs=${RUNS}`)).text()
        if (round > 0) times.push(performance.now() - begin)
        bytes = text.length
        const grid = JSON.parse(text) as PipelineGrid
        if (grid.runs.length !== RUNS || grid.tasks.length !== TASKS) throw new Error("the grid is not whole")
      }
      times.sort((a, b) => a - b)
      return [
        { name: `grid of ${TASKS} tasks × ${RUNS} runs, p50`, value: times[Math.floor(ROUNDS / 2)]!, unit: "ms" },
        { name: `grid of ${TASKS} tasks × ${RUNS} runs, p95`, value: times[Math.floor(ROUNDS * 0.95)]!, unit: "ms" },
        { name: "size of the answer", value: bytes / 1_000, unit: "kB" },
      ]
    } finally {
      await t.close()
    }
  },
}

async function fill(t: TestApi): Promise<void> {
  const pipeline = await makePipeline(t.store.pool, {
    id: "wide",
    groups: Array.from({ length: 100 }, (_, i) => ({ id: `group_${i}`, parent: null, description: "" })),
    tasks: Array.from({ length: TASKS }, (_, i) => ({
      id: `transform_table_${i}`,
      group: `group_${i % 100}`,
      upstream: i < 100 ? [] : [`transform_table_${i - 100}`],
    })),
  })
  await t.store.pool.query(
    `insert into run (pipeline_id, version_id, kind, state, logical_at, interval_start, interval_end, tasks_total,
                      created_at, started_at, finished_at)
     select 'wide', $1, 'schedule', 'success', at, at, at, $2, at, at, at + interval '20 minutes'
     from generate_series(1, $3) n, lateral (select now() - ($3 - n) * interval '1 day' as at) clock`,
    [pipeline.versionId, TASKS, HISTORY],
  )
  await t.store.pool.query(
    `insert into task_run (run_id, pipeline_id, task_id, position, state, trigger_rule, downstream, upstream_total,
                           upstream_success, attempt_count, ready_at, started_at, finished_at)
     select r.id, 'wide', 'transform_table_' || n, n, case when (n * r.id) % 97 = 0 then 'failed' else 'success' end,
            'all_success', array[n + 100], 1, 1, 1, r.started_at, r.started_at, r.started_at + interval '1 second'
     from run r, generate_series(0, $1 - 1) n
     order by r.id, n`,
    [TASKS],
  )
  await t.store.pool.query("vacuum analyze")
}
