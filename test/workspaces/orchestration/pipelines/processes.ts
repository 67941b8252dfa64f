import { fn, noop, partitionLoad, pipeline, shell, z } from "headrace"

/** What the tests of real worker processes do to tasks. `mode: slow` holds the first task until it is killed or let go. */
export const processes = pipeline(
  {
    id: "processes",
    maxActiveRuns: 20,
    params: z.object({ gate: z.string().default("") }),
    defaults: { retries: 2, retryDelay: "100ms" },
  },
  ({ task, params }) => {
    const first = task(
      "first",
      shell({
        // Waits while the gate file exists: the test decides when it may go on.
        command: 'echo "holding"; while [ -n "$GATE" ] && [ -e "$GATE" ]; do sleep 0.05; done; echo "let go"',
        env: { GATE: params.gate },
      }),
    )
    task(
      "second",
      fn(async (ctx) => {
        ctx.log.info("hello from author code")
        return { leaked: Object.keys(process.env).filter((name) => /DATABASE|CONNECTION|WAREHOUSE/.test(name)) }
      }),
    ).after(first)
  },
)

/** One task that never ends by itself, with a time limit. */
export const endless = pipeline({ id: "endless", maxActiveRuns: 20 }, ({ task }) => {
  task(
    "spin",
    fn(() => {
      for (;;);
    }),
    { timeout: "700ms", retries: 0 },
  )
})

/** Fails in author code, at a line that the failure must name. */
export const throwing = pipeline({ id: "throwing" }, ({ task }) => {
  task(
    "boom",
    fn(() => {
      throw new Error("the warehouse door is locked")
    }),
    { retries: 1, retryDelay: "50ms" },
  )
})

/** Forty tasks that do nothing, one after another. */
export const chain = pipeline({ id: "chain_40", maxActiveRuns: 100 }, ({ task }) => {
  let previous = task("t00", noop())
  for (let index = 1; index < 40; index++) {
    previous = task(`t${String(index).padStart(2, "0")}`, noop()).after(previous)
  }
})

/** Loads who read it, once nobody holds the advisory lock 4711 of the warehouse. */
export const gated = pipeline({ id: "gated_load", partition: "day", maxActiveRuns: 20 }, ({ task }) => {
  task(
    "load",
    partitionLoad({
      source: "warehouse",
      query: `with gate as materialized (select pg_advisory_xact_lock_shared(4711))
              select :interval_start::timestamptz::date as day, pg_backend_pid() as reader from gate`,
      into: "marts.readers",
      columns: { day: "date", reader: "bigint" },
      partitionColumn: "day",
    }),
  )
})

/** Takes more memory than it is given, after a word in its log. */
export const greedy = pipeline({ id: "greedy" }, ({ task }) => {
  task(
    "fill",
    fn((ctx) => {
      ctx.log.info("filling")
      const kept: string[][] = []
      for (;;) kept.push(Array.from({ length: 1_000 }, (_, index) => `${kept.length} ${index}`))
    }),
    { memoryMb: 96, retries: 0 },
  )
})
