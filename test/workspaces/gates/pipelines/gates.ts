import { fn, http, noop, pipeline, shell, sql, TaskError, z } from "headrace"

/** What the tests of rules against the clock and between runs do on real workers. */

/** Nothing can start: its one place is taken by the run before it. */
export const stuck = pipeline(
  {
    id: "stuck",
    maxActiveRuns: 1,
    deadlines: [{ within: "1s", of: "queued", notify: "oncall" }],
    params: z.object({ gate: z.string().default("") }),
  },
  ({ task, params }) => {
    task("hold", shell({ command: 'while [ -e "$GATE" ]; do sleep 0.05; done', env: { GATE: params.gate } }))
  },
)

/** Runs until its gate is opened. */
export const endless = pipeline(
  {
    id: "endless",
    maxActiveRuns: 9,
    deadlines: [{ within: "1s", of: "started", notify: "oncall" }],
    params: z.object({ gate: z.string().default("") }),
  },
  ({ task, params }) => {
    task("hold", shell({ command: 'while [ -e "$GATE" ]; do sleep 0.05; done', env: { GATE: params.gate } }))
  },
)

/** Is stopped by its own time limit. */
export const limited = pipeline({ id: "limited", timeout: "1s" }, ({ task }) => {
  const hold = task("hold", shell({ command: "sleep 600" }))
  task("after", noop()).after(hold)
})

/** One task of each kind that can hang, each saying that it has begun. */
export const hanging = pipeline(
  { id: "hanging", maxActiveRuns: 9, params: z.object({ url: z.string().default("http://127.0.0.1:9") }) },
  ({ task, params }) => {
    const tasks = [
      task("statement", sql({ text: "select pg_sleep(600) /* hanging statement */" })),
      task("request", http({ url: params.url, timeout: "10m" })),
      // A program that does not listen, and one that it leaves in the background.
      task(
        "program",
        shell({ command: 'trap "" TERM; sleep 601 & echo "pid $!"; echo "pid $$"; while :; do sleep 602; done' }),
      ),
      task(
        "code",
        fn((ctx) => {
          ctx.log.info(`pid ${process.pid}`)
          for (;;);
        }),
      ),
      task(
        "waiting_code",
        fn(async (ctx) => {
          ctx.log.info(`pid ${process.pid}`)
          await ctx.query("warehouse", "select pg_sleep(600) /* hanging query */")
        }),
      ),
    ]
    task("never", noop()).after(...tasks)
  },
)

/** Fails as its params say. */
export const kinds = pipeline(
  {
    id: "kinds",
    maxActiveRuns: 9,
    params: z.object({ kind: z.enum(["transient", "data", "external", "code"]), retry: z.enum(["never", "later"]) }),
    defaults: {
      retries: 1,
      retryDelay: "20ms",
      retry: { transient: 3, data: "never", external: { retries: 2, delay: "10ms" } },
    },
  },
  ({ task }) => {
    task(
      "fail",
      fn((ctx) => {
        const { kind, retry } = ctx.params as { kind: "data"; retry: "later" }
        throw new TaskError(`a ${kind} failure`, { kind, retry })
      }),
    )
  },
)

/** A day waits for the day before it. */
export const daily = pipeline(
  { id: "daily", partition: "day", maxActiveRuns: 9, params: z.object({ gate: z.string().default("") }) },
  ({ task, params }) => {
    const load = task(
      "load",
      shell({ command: 'while [ -n "$GATE" ] && [ -e "$GATE" ]; do sleep 0.05; done', env: { GATE: params.gate } }),
      { dependsOnPast: true },
    )
    task("mart", noop()).after(load)
  },
)
