import assert from "node:assert/strict"
import { describe, test } from "node:test"
import {
  acceptedValues,
  between,
  checks,
  extract,
  fn,
  freshness,
  http,
  matches,
  noop,
  notify,
  notNull,
  type PipelineBuilder,
  type PipelineOptions,
  partitionLoad,
  pipeline,
  rowCount,
  shell,
  sql,
  unique,
  z,
} from "headrace"
import type { Manifest, ManifestTask } from "../contracts/manifest.ts"
import { manifestSchema } from "../contracts/manifest.ts"
import { cronSchedule } from "../domain/schedule.ts"
import type { PipelineDefinition } from "./definition.ts"
import { toManifest } from "./to-manifest.ts"

type Build = (builder: PipelineBuilder<z.ZodObject>) => void

/** Checks a declaration where every file and the connection `shop` exist. */
function check(definition: PipelineDefinition) {
  return toManifest(definition, {
    file: "pipelines/x.ts",
    connections: ["shop"],
    hasFile: () => true,
    relative: (file) => file.replace(/^.*\//, ""),
  })
}

function manifestOf(definition: PipelineDefinition): Manifest {
  const { manifest, faults } = check(definition)
  assert.deepEqual(faults, [])
  return manifestSchema.parse(manifest)
}

function tasksOf(build: Build): Record<string, ManifestTask> {
  const { tasks } = manifestOf(pipeline({ id: "p" }, build))
  return Object.fromEntries(tasks.map((task) => [task.id, task]))
}

function upstreamOf(build: Build): Record<string, string[]> {
  return Object.fromEntries(Object.values(tasksOf(build)).map((task) => [task.id, task.upstream]))
}

describe("pipeline", () => {
  test("without options is manual, tried once and one run at a time", () => {
    const manifest = manifestOf(pipeline({ id: "bare" }, ({ task }) => void task("only", noop())))
    assert.deepEqual(
      { ...manifest, tasks: [] },
      {
        id: "bare",
        description: "",
        owner: null,
        tags: [],
        docs: "",
        schedule: null,
        schedules: [],
        triggers: { datasets: null, after: [], events: [] },
        timezone: null,
        startDate: null,
        catchup: "latest",
        maxActiveRuns: 1,
        maxActiveTasks: null,
        concurrency: null,
        priority: 0,
        params: null,
        partition: null,
        timeoutMs: null,
        deadlines: [],
        groups: [],
        tasks: [],
        file: "pipelines/x.ts",
      },
    )
    // Places are tested with the loader: calls from inside the SDK's own folder have none.
    const { source: _, ...task } = manifest.tasks[0]!
    assert.deepEqual(task, {
      id: "only",
      group: null,
      operator: "noop",
      options: {},
      description: "",
      upstream: [],
      triggerRule: "all_success",
      retry: { retries: 0, delayMs: 10_000, backoffFactor: 1, maxDelayMs: 3_600_000 },
      retryRules: {},
      dependsOnPast: false,
      waitForDownstream: false,
      deadlines: [],
      timeoutMs: null,
      memoryMb: 512,
      pool: null,
      poolSlots: 1,
      concurrency: null,
      priority: 1,
      hooks: { before: false, after: false },
      reads: [],
      writes: [],
      map: null,
      setup: false,
      teardownOf: [],
      failsRun: true,
    })
  })

  test("gives every task its defaults, and a task's own options win", () => {
    const { tasks } = manifestOf(
      pipeline(
        {
          id: "defaults",
          defaults: {
            retries: 2,
            retryDelay: "1m",
            backoff: { maxDelay: "5m" },
            timeout: "30m",
            memoryMb: 256,
            before: () => {},
          },
        },
        ({ task }) => {
          task("plain", noop())
          task("own", noop(), {
            retries: 0,
            timeout: null,
            memoryMb: 1_024,
            after: () => {},
            triggerRule: "one_failed",
          })
        },
      ),
    )
    const [plain, own] = tasks
    assert.deepEqual(plain?.retry, { retries: 2, delayMs: 60_000, backoffFactor: 2, maxDelayMs: 300_000 })
    assert.deepEqual(
      [plain?.timeoutMs, plain?.memoryMb, plain?.hooks],
      [1_800_000, 256, { before: true, after: false }],
    )
    assert.deepEqual([own?.retry.retries, own?.timeoutMs, own?.memoryMb], [0, null, 1_024])
    assert.deepEqual([own?.triggerRule, own?.hooks], ["one_failed", { before: true, after: true }])
  })

  test("reads a start date on the clock of the schedule's zone", () => {
    const schedule = { cron: "0 5 * * *", timezone: "Europe/Berlin" }
    const startOf = (startDate: string) => manifestOf(pipeline({ id: "s", schedule, startDate }, () => {})).startDate
    assert.equal(startOf("2026-07-01"), "2026-06-30T22:00:00.000Z")
    assert.equal(startOf("2026-07-01T06:00:00+02:00"), "2026-07-01T04:00:00.000Z")
  })

  test("writes params as JSON Schema with their defaults", () => {
    const params = z.object({ day: z.iso.date().optional(), limit: z.int().default(10).describe("Rows at most") })
    const schema = manifestOf(pipeline({ id: "params", params }, () => {})).params
    const properties = schema?.properties as Record<string, Record<string, unknown>>
    assert.equal(properties.day?.format, "date")
    assert.deepEqual([properties.limit?.default, properties.limit?.description], [10, "Rows at most"])
    assert.equal(schema?.required, undefined)
  })
})

describe("dependencies", () => {
  test("follow handles, ids, lists and the option alike, each once", () => {
    assert.deepEqual(
      upstreamOf(({ task }) => {
        const a = task("a", noop())
        const b = task("b", noop(), { upstream: a })
        task("c", noop(), { upstream: ["a", b] }).after(a, [b])
      }),
      { a: [], b: ["a"], c: ["a", "b"] },
    )
  })

  test("may name what is declared later", () => {
    assert.deepEqual(
      upstreamOf(({ task }) => {
        task("first", noop()).after("second")
        task("second", noop())
      }),
      { first: ["second"], second: [] },
    )
  })

  test("come from references to outputs, however deep in the options", () => {
    assert.deepEqual(
      upstreamOf(({ task }) => {
        const count = task(
          "count",
          fn(() => ({ rows: 1, more: { days: ["2026-01-01"] } })),
        )
        task(
          "use",
          fn(() => {}, { inputs: { deep: [{ day: count.output.more.days[0] }], rows: count.output.rows } }),
        )
      }),
      { count: [], use: ["count"] },
    )
  })

  test("between groups join the last tasks of one to the first of the other", () => {
    assert.deepEqual(
      upstreamOf(({ task, group }) => {
        const first = group("first", () => {
          const a = task("a", noop())
          task("b", noop()).after(a)
          task("c", noop())
        })
        const second = group("second", () => {
          const d = task("d", noop())
          task("e", noop()).after(d)
        })
        second.after(first)
        task("end", noop()).after(second)
      }),
      { a: [], b: ["a"], c: [], d: ["b", "c"], e: ["d"], end: ["e"] },
    )
  })

  test("of a group reach through the groups inside it", () => {
    assert.deepEqual(
      upstreamOf(({ task, group }) => {
        const start = task("start", noop())
        const outer = group("outer", () => {
          const left = group("left", () => {
            task("a", noop())
          })
          const right = group("right", () => {
            task("b", noop())
          })
          right.after(left)
        })
        outer.after(start)
        task("end", noop()).after(outer)
      }),
      { start: [], a: ["start"], b: ["a"], end: ["b"] },
    )
  })

  test("on a group without tasks pass on what it waits for", () => {
    assert.deepEqual(
      upstreamOf(({ task, group }) => {
        const a = task("a", noop())
        const empty = group("empty", () => {}).after(a)
        task("b", noop()).after(empty)
      }),
      { a: [], b: ["a"] },
    )
  })

  test("tell a task from a group of the same name by the handle", () => {
    assert.deepEqual(
      upstreamOf(({ task, group }) => {
        task("load", noop())
        const loading = group("load", () => {
          task("inner", noop())
        })
        task("after_group", noop()).after(loading)
        task("after_id", noop()).after("load")
      }),
      { load: [], inner: [], after_group: ["inner"], after_id: ["load"] },
    )
  })

  test("of 5,000 tasks in a row are checked in seconds", () => {
    const started = performance.now()
    const upstream = upstreamOf(({ task }) => {
      for (let index = 0; index < 5_000; index++) {
        task(`t${index}`, noop(), { upstream: index === 0 ? [] : `t${index - 1}` })
      }
    })
    assert.deepEqual(upstream.t4999, ["t4998"])
    assert.ok(performance.now() - started < 10_000)
  })
})

describe("partitions", () => {
  const partitionOf = (partition: PipelineOptions["partition"]) =>
    check(pipeline({ id: "p", partition: partition! }, ({ task }) => void task("only", noop())))

  test("are cut by time, by fixed keys, or by both", () => {
    assert.equal(partitionOf("week").manifest.partition, "week")
    assert.deepEqual(partitionOf({ keys: ["eu", "us"] }).manifest.partition, { by: null, keys: ["eu", "us"] })
    assert.deepEqual(partitionOf({ by: "day", keys: ["eu"] }).manifest.partition, { by: "day", keys: ["eu"] })
  })

  for (const [keys, message] of [
    [[], /name at least one key/],
    [["eu", "eu"], /named twice/],
    [["2026-03-01"], /does not begin like a date/],
    [["a|b"], /letters, digits/],
  ] as const) {
    test(`are refused with the keys ${JSON.stringify(keys)}`, () => {
      assert.match(partitionOf({ keys: [...keys] }).faults[0]!.message, message)
    })
  }

  test("with keys need a load that knows its own rows", () => {
    const options = { source: "shop", query: "select 1", into: "marts.x", columns: { at: "date", region: "text" } }
    const messages = (more: object) =>
      check(
        pipeline({ id: "p", partition: { by: "day", keys: ["eu"] } }, ({ task }) => {
          task("load", partitionLoad({ ...options, ...more }))
        }),
      ).faults.map((fault) => fault.message)
    assert.match(messages({ partitionColumn: "at" })[0]!, /set staticKeyColumn/)
    assert.match(messages({ staticKeyColumn: "region" })[0]!, /set partitionColumn/)
    assert.deepEqual(messages({ partitionColumn: "at", staticKeyColumn: "region" }), [])
    assert.deepEqual(messages({ write: "append" }), [])
  })
})

describe("references", () => {
  test("to outputs, params and the run stand in the manifest as markers", () => {
    const params = z.object({ day: z.iso.date().optional() })
    const { tasks } = manifestOf(
      pipeline({ id: "refs", params }, ({ task, params, run }) => {
        const count = task(
          "count",
          fn(() => ({ rows: 1 })),
        )
        task(
          "use",
          sql({ text: "select 1", params: { day: params.day, start: run.intervalStart, n: count.output.rows } }),
        )
      }),
    )
    assert.deepEqual(tasks[1]?.options.params, {
      day: { $param: "day" },
      start: { $run: "intervalStart" },
      n: { $output: { task: "count", path: ["rows"] } },
    })
  })

  test("to the run's partition lead to its parts", () => {
    const { tasks } = manifestOf(
      pipeline({ id: "parts", partition: { by: "day", keys: ["eu"] } }, ({ task, run }) => {
        const { time, key } = run.partition
        task("use", sql({ text: "select 1", params: { time, key, all: run.partitionKeys } }))
      }),
    )
    assert.deepEqual(tasks[0]?.options.params, {
      time: { $run: "partition.time" },
      key: { $run: "partition.key" },
      all: { $run: "partitionKeys" },
    })
  })

  test("are no promises: awaiting one gives it back", async () => {
    const awaited: Promise<boolean>[] = []
    pipeline({ id: "thenable" }, ({ task }) => {
      const { output } = task(
        "count",
        fn(() => ({ rows: 1 })),
      )
      const { rows } = output
      awaited.push(Promise.resolve(rows).then((value) => value === rows))
    })
    assert.deepEqual(await Promise.all(awaited), [true])
  })

  test("refuse to become text, with advice", () => {
    const definition = pipeline({ id: "text" }, ({ task }) => {
      const count = task(
        "count",
        fn(() => ({ rows: 1 })),
      )
      task("print", shell({ command: `echo ${count.output.rows}` }))
    })
    assert.match(String(definition.error), /has no value while the pipeline is declared; pass it as an option/)
  })
})

describe("operators", () => {
  test("name what they read and write, and the task's own tables are added", () => {
    const tasks = tasksOf(({ task }) => {
      const columns = ["id"]
      task("extract", extract({ source: "shop", table: "public.orders", columns, into: "raw.orders", keys: columns }))
      task("sql", sql({ file: "sql/x.sql", writes: "marts.x", reads: ["raw.orders"] }), {
        reads: ["crm.public.people"],
      })
      task(
        "fn",
        fn(() => {}),
        { writes: ["marts.y"] },
      )
    })
    const datasets = Object.values(tasks).map((task) => [task.reads, task.writes])
    assert.deepEqual(datasets, [
      [["shop.public.orders"], ["warehouse.raw.orders"]],
      [["warehouse.raw.orders", "crm.public.people"], ["warehouse.marts.x"]],
      [[], ["warehouse.marts.y"]],
    ])
  })

  test("take every builder's options as the manifest holds them", () => {
    const expect = [
      notNull("id"),
      unique(["id", "day"], { severity: "warn" }),
      acceptedValues("state", ["new", "paid"]),
      between("total", { min: 0 }, { tolerance: 0.01 }),
      matches("email", "@"),
      rowCount({ min: 1 }),
      freshness("updated_at", "26h"),
    ]
    const tasks = tasksOf(({ task }) => {
      task("checks", checks({ table: "marts.x", expect }))
      task("http", http({ url: "https://example.com", method: "POST", body: { a: [1, null] } }))
      task("notify", notify({ channel: "team", subject: "hello", values: { n: 1 } }))
      task("shell", shell({ command: "true", env: { DAY: "2026-01-01" } }))
    })
    assert.deepEqual(
      (tasks.checks!.options.expect as { kind: string }[]).map((entry) => entry.kind),
      ["not_null", "unique", "accepted_values", "between", "matches", "row_count", "freshness"],
    )
    assert.deepEqual(tasks.http?.options.body, { a: [1, null] })
  })

  test("keep an author's functions out of the manifest and say that they are there", () => {
    const tasks = tasksOf(({ task }) => {
      task(
        "load",
        partitionLoad({
          source: "shop",
          query: "select 1 as n",
          into: "marts.x",
          columns: { n: "int" },
          write: "append",
          transform: (rows) => rows,
        }),
      )
    })
    assert.equal(tasks.load?.options.transform, true)
    assert.equal(tasks.load?.options.validate, undefined)
  })
})

test("types: inputs, outputs and options are known to the compiler", () => {
  pipeline({ id: "types", params: z.object({ day: z.iso.date() }) }, ({ task, params }) => {
    const count = task(
      "count",
      fn(async () => ({ rows: 1, days: ["2026-01-01"] })),
    )
    task(
      "use",
      fn(
        (_ctx, inputs) => {
          const rows: number = inputs.rows
          const day: string = inputs.day
          // @ts-expect-error a number is not a text
          const wrong: string = inputs.rows
          return { rows, day, wrong }
        },
        { inputs: { rows: count.output.rows, day: params.day } },
      ),
    )
    // @ts-expect-error there is no such output
    void count.output.nope
    // @ts-expect-error there is no such param
    void params.nope
    // @ts-expect-error there is no such option
    sql({ text: "select 1", colour: "red" })
    // @ts-expect-error a text is wanted
    sql({ text: count.output.rows })
    // @ts-expect-error there is no such rule
    task("rule", noop(), { triggerRule: "all_sucess" })
  })
})

describe("schedules", () => {
  const scheduled = (options: Partial<PipelineOptions>) =>
    pipeline({ id: "p", ...options } as PipelineOptions, ({ task }) => void task("only", noop()))
  const schedulesIn = (options: Partial<PipelineOptions>) => manifestOf(scheduled(options)).schedules

  test("a text is a cron in the pipeline's zone, under a key that names it", () => {
    const manifest = manifestOf(scheduled({ schedule: "0 5 * * *", timezone: "Europe/Berlin" }))
    assert.deepEqual(manifest.schedule, { cron: "0 5 * * *", timezone: "Europe/Berlin" })
    assert.deepEqual(manifest.schedules, [cronSchedule("0 5 * * *", "Europe/Berlin")])
  })

  test("each kind becomes its rule, with what it says for itself alone", () => {
    const [every, dates, working, filtered] = schedulesIn({
      timezone: "Europe/Berlin",
      catchup: "all",
      schedules: [
        { every: "15m", anchor: "2026-01-01T06:00:00+01:00", catchup: "none", delay: "2h", interval: "1h" },
        { id: "once", at: ["2026-06-01", "2026-05-01T06:00"], fold: "both", endDate: "2026-05-31" },
        { workingDay: "last", at: "18:00", calendar: { holidays: ["2026-12-31"] }, interval: "month" },
        { cron: "0 6 1 * *", onHoliday: "next", gap: "skip" },
      ],
    })
    assert.deepEqual(every?.rule, { kind: "every", everyMs: 900_000, anchor: "2026-01-01T05:00:00.000Z" })
    assert.deepEqual(
      [every?.key, every?.catchup, every?.delayMs, every?.interval],
      ["every 15m", "none", 7_200_000, 3_600_000],
    )
    assert.deepEqual(dates?.rule, { kind: "at", times: ["2026-05-01T06:00", "2026-06-01T00:00"] })
    assert.deepEqual(
      [dates?.key, dates?.fold, dates?.interval, dates?.endAt],
      ["once", "both", "none", "2026-05-31T22:00:00.000Z"],
    )
    assert.deepEqual(working?.rule, {
      kind: "working_day",
      which: -1,
      of: "month",
      times: ["18:00"],
      calendar: { weekend: ["saturday", "sunday"], holidays: ["2026-12-31"], workdays: [] },
    })
    assert.deepEqual(
      [filtered?.gap, filtered?.catchup, filtered?.key],
      ["skip", "all", "cron 0 6 1 * * next Europe/Berlin"],
    )
  })

  test("what is wrong is said with the place and what to write", () => {
    for (const [options, message] of [
      [{ schedules: ["0 5 * * *", "0 5 * * *"] }, /Two schedules are "cron 0 5 \* \* \* UTC"; give each an id/],
      [{ schedule: "0 5 * * *", schedules: [] }, /schedule or schedules, not both/],
      [
        { schedule: { corn: "0 5 * * *" } },
        /option schedule: write a cron text, or an object with cron, every, at or workingDay/,
      ],
      [{ schedule: { cron: "0 5 * * *", timzone: "UTC" } }, /there is no option "timzone"; did you mean "timezone"\?/],
      [{ schedule: { every: "soon" } }, /option every: a duration is written/],
      [{ schedule: { cron: "*/5 * * * *", onHoliday: "next" } }, /only times of day can be moved/],
      [{ schedule: { workingDay: "last", at: "25:00" } }, /"25:00" is no time of day/],
      [{ schedule: { workingDay: 40 } }, /no month has such a working day/],
      [{ schedule: { at: "tomorrow" } }, /"tomorrow" is no date/],
      [{ datasets: { some: ["a.b"] } }, /option datasets: write \{ all:/],
      [{ after: "p" }, /would start itself again and again/],
      [{ events: "no spaces" }, /"no spaces" is no event name/],
    ] as const) {
      const { faults } = check(scheduled(options as Partial<PipelineOptions>))
      assert.match(faults.map((fault) => fault.message).join("\n"), message)
    }
  })

  test("a pipeline that waits for a dataset which it writes itself is refused", () => {
    const definition = pipeline({ id: "p", datasets: { any: ["staging.orders"] } }, ({ task }) => {
      task("load", noop(), { writes: ["staging.orders"] })
    })
    assert.match(check(definition).faults[0]?.message ?? "", /writes warehouse.staging.orders itself/)
  })

  test("triggers name datasets in full, and what they wait for by default", () => {
    const { triggers } = manifestOf(
      scheduled({
        datasets: { all: ["staging.orders", "lake.raw.files"], latest: "0 7 * * *" },
        after: ["first", { pipeline: "second", state: "done" }],
        events: "file.arrived",
      }),
    )
    assert.deepEqual(triggers.datasets?.names, ["warehouse.staging.orders", "lake.raw.files"])
    assert.equal(triggers.datasets?.latest?.key, "datasets latest")
    assert.deepEqual(triggers.after, [
      { pipeline: "first", state: "success" },
      { pipeline: "second", state: "done" },
    ])
    assert.deepEqual(triggers.events, ["file.arrived"])
  })
})
