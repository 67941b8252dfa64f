import { createBackfill } from "#lib/actions/create-backfill.ts"
import { createBackfillSchema } from "#lib/contracts/api/backfills.ts"
import { outcomeOf, RunDriver } from "#test/run-driver.ts"

const PARTITIONS = 10_000
const REPEATS = 5
const FROM = "1999-01-01"

/**
 * The plan of a backfill of 10,000 days, with what is known of each: on a pipeline that never ran, and on one where every
 * day has two runs and a load. Compared with reading the same runs by a plain statement.
 */
export default {
  name: "orchestration: planning a backfill",
  async run() {
    const driver = await RunDriver.open()
    try {
      await driver.define({ id: "days", partition: "day", tasks: [{ id: "only", writes: ["warehouse.marts.days"] }] })
      const to = new Date(Date.parse(FROM) + (PARTITIONS - 1) * 86_400_000).toISOString().slice(0, 10)
      const request = createBackfillSchema.parse({ pipelineId: "days", from: FROM, to, selection: "all", dryRun: true })
      const plan = () => createBackfill(driver.store, { ...request, actor: "bench" })
      const seconds = async (work: () => Promise<unknown>) => {
        const times: number[] = []
        for (let index = 0; index <= REPEATS; index++) {
          const begin = performance.now()
          await work()
          if (index > 0) times.push((performance.now() - begin) / 1000)
        }
        return times.sort((a, b) => a - b)[REPEATS >> 1]!
      }
      const empty = await seconds(plan)
      await seedHistory(driver)
      const read = await seconds(() =>
        driver.store.pool.query(
          "select id, partition_key, state, started_at, finished_at from run where pipeline_id = 'days'",
        ),
      )
      const full = await seconds(plan)
      return [
        { name: `${PARTITIONS} partitions without history`, value: empty, unit: "s" },
        {
          name: `${PARTITIONS} partitions, 20,000 runs and 10,000 loads behind them`,
          value: full,
          unit: "s",
          ratio: full / read,
          of: "reading those runs",
        },
      ]
    } finally {
      await driver.close()
    }
  },
}

async function seedHistory(driver: RunDriver): Promise<void> {
  const runId = await driver.trigger("days")
  for (const claim of await driver.claim()) await driver.finish(claim, outcomeOf("success"))
  await driver.store.pool.query(
    `insert into run (pipeline_id, version_id, kind, state, logical_at, interval_start, interval_end, partition_key,
                      schedule_key, started_at, finished_at)
     select pipeline_id, version_id, 'schedule', 'success', day, day, day + interval '1 day', to_char(day, 'YYYY-MM-DD'),
            'try ' || try, now(), now() + interval '3 seconds'
     from run
     cross join generate_series($2::timestamptz, $2::timestamptz + ($3 - 1) * interval '1 day', '1 day') as day
     cross join generate_series(1, 2) as try
     where id = $1`,
    [runId, `${FROM}T00:00:00Z`, PARTITIONS],
  )
  await driver.store.pool.query(
    `insert into materialization (dataset_id, run_id, attempt_id, partition_key, rows_inserted, duration_seconds)
     select 'warehouse.marts.days', max(id), 0, partition_key, 100, 1 from run where partition_key is not null
     group by partition_key`,
  )
  await driver.store.pool.query("vacuum analyze")
}
