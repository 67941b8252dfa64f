import {
  approval,
  fn,
  fnSensor,
  httpSensor,
  noop,
  pipeline,
  runPipeline,
  shell,
  sqlSensor,
  waitForCallback,
  waitForDataset,
  waitUntil,
  z,
} from "headrace"

/** One task of each kind of wait, and what is behind it. */
pipeline({ id: "all_kinds", params: z.object({ ready: z.string(), address: z.string() }) }, ({ task, params, run }) => {
  const call = task(
    "callback",
    waitForCallback({ request: { url: params.address, method: "POST", body: { call: "{{callback.url}}" } } }),
  )
  const waits = [
    task("until", waitUntil({ offset: "1s" })),
    task("past", waitUntil({ time: run.intervalEnd })),
    task("sql", sqlSensor({ sql: "select to_regclass('public.arrived') is not null", every: "200ms" })),
    task("http", httpSensor({ url: params.address, every: "200ms", json: { path: ["state"], equals: "done" } })),
    task(
      "fn",
      fnSensor(
        async (ctx, inputs: { ready: string }) => {
          const [row] = await ctx.query<{ there: boolean }>(
            "warehouse",
            "select to_regclass($1) is not null as there",
            [inputs.ready],
          )
          return row?.there ? { seen: inputs.ready } : false
        },
        { inputs: { ready: params.ready }, every: "200ms" },
      ),
    ),
    task("dataset", waitForDataset({ dataset: "raw.arrived", since: "ever" })),
    call,
    task("approve", approval({ title: "Go on?", approvers: ["ann"] })),
    task("child", runPipeline({ pipeline: "called", params: { word: "hello" } })),
  ]
  task("after", noop(), { upstream: waits })
  task(
    "told",
    fn((_ctx, inputs: object) => ({ ...inputs }), { inputs: { payload: call.output.payload } }),
  )
})

pipeline({ id: "called", params: z.object({ word: z.string() }), maxActiveRuns: 5 }, ({ task, params }) => {
  task("say", shell({ command: 'test "$WORD" = hello && echo "$WORD"', env: { WORD: params.word } }))
})

pipeline({ id: "failing", maxActiveRuns: 5 }, ({ task }) => {
  task("fail", shell({ command: "exit 3" }))
})

pipeline({ id: "caller", maxActiveRuns: 5 }, ({ task }) => {
  task("child", runPipeline({ pipeline: "failing" }))
})

pipeline({ id: "rejecting", maxActiveRuns: 5 }, ({ task }) => {
  const asked = task("ask", approval({ title: "Go on?", onReject: "skip" }))
  task("after", noop(), { upstream: asked })
})

/** A thousand waits side by side, and a chain that must not notice them. */
pipeline({ id: "crowd" }, ({ task }) => {
  for (let n = 0; n < 1_000; n++) task(`wait_${n}`, approval({ title: `Number ${n}` }))
})

pipeline({ id: "bystander" }, ({ task }) => {
  let before = task("first", noop())
  for (let n = 0; n < 20; n++) before = task(`step_${n}`, noop(), { upstream: before })
})

/** Looks for ever and is skipped when its time is over. */
pipeline({ id: "vain" }, ({ task }) => {
  task("look", sqlSensor({ sql: "select false", every: "100ms", timeout: "2s", onTimeout: "skip" }))
})

pipeline({ id: "broken_look" }, ({ task }) => {
  task("look", sqlSensor({ sql: "select 3" }))
})
