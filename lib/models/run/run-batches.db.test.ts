import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type DbtProject, DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

const model = (config = "", query = "select id, at, name from {{ ref('events') }}") => ({
  "models/m.sql": `{{ config(materialized='incremental', incremental_strategy='microbatch', event_time='at', batch_size='day', begin='2024-01-01'${config && `, ${config}`}) }}\n${query}`,
})
const EVENTS = {
  "models/events.sql": "{{ config(materialized='view', event_time='at') }} select * from {{ target.schema }}.input",
}

/** A project whose input has two rows a day from the first to the sixth of January. */
async function projectWith(files: Record<string, string> = model(), type = "timestamp") {
  const project = await warehouse.project({ ...EVENTS, ...files })
  await project.execute(`
    create table input as
    select i as id, (timestamp '2024-01-01' + (i - 1) * interval '12 hours')::${type} as at, 'v1' as name from generate_series(1, 12) i`)
  return project
}

const day = (date: string) => ({ now: new Date(`${date}T12:00:00Z`) })
const COUNTS = "select at::date, count(*), min(name) from m group by 1 order by 1"
const starts = (ranges: readonly { start: string }[] | undefined) => ranges?.map(({ start }) => start.slice(0, 10))

describe("a microbatch model", () => {
  for (const type of ["timestamp", "timestamptz", "date"]) {
    it(`is built batch by batch from its begin, and from then on the newest ones (${type})`, async () => {
      const project = await projectWith(model(), type)
      const first = await project.run("run", day("2024-01-03"))
      assert.equal(first.of("m").message, "3 of 3 batches")
      assert.deepEqual(starts(first.of("m").batches?.successful), ["2024-01-01", "2024-01-02", "2024-01-03"])
      assert.deepEqual(await project.rows(COUNTS), ["2024-01-01|2|v1", "2024-01-02|2|v1", "2024-01-03|2|v1"])
      await project.execute("update input set name = 'v2'")
      const second = await project.run("run", day("2024-01-04"))
      assert.deepEqual(starts(second.of("m").batches?.successful), ["2024-01-03", "2024-01-04"])
      assert.deepEqual(await project.rows(COUNTS), [
        "2024-01-01|2|v1",
        "2024-01-02|2|v1",
        "2024-01-03|2|v2",
        "2024-01-04|2|v2",
      ])
      assert.deepEqual(second.of("m").adapterResponse, {
        _message: "2 of 2 batches",
        code: "MICROBATCH",
        rows_affected: 4,
      })
    })
  }

  it("cuts batches in UTC, whatever the session's time zone", async () => {
    const project = await projectWith(model("pre_hook=\"set timezone to 'Asia/Tokyo'\""), "timestamptz")
    await project.execute(
      "update input set at = (timestamp '2024-01-01' + (id - 1) * interval '12 hours') at time zone 'UTC'",
    )
    await project.run("run", day("2024-01-02"))
    assert.deepEqual(
      await project.rows("select (at at time zone 'UTC')::date, count(*) from m group by 1 order by 1"),
      ["2024-01-01|2", "2024-01-02|2"],
    )
  })

  it("narrows only parents that have an event time, and not through render()", async () => {
    const project = await projectWith({
      ...model(
        "",
        "select e.*, (select count(*) from {{ ref('plain') }}) as all_plain, (select count(*) from {{ ref('events').render() }}) as all_events from {{ ref('events') }} e",
      ),
      "models/plain.sql": "select * from {{ target.schema }}.input",
    })
    await project.run("run", day("2024-01-02"))
    assert.deepEqual(await project.rows("select distinct all_plain, all_events, count(*) over () from m"), ["12|12|4"])
  })

  it("narrows sources with an event time", async () => {
    const project = await projectWith({
      ...model("", "select id, at, name from {{ source('raw', 'input') }}"),
      "models/s.yml":
        'sources: [{name: raw, schema: "{{ target.schema }}", tables: [{name: input, config: {event_time: at}}]}]',
    })
    await project.run("run", { ...day("2024-01-02"), select: ["m"] })
    assert.equal(await project.value("select count(*) from m"), "4")
  })

  it("tells its templates of the batch, and whether it adds to a table", async () => {
    const query =
      "select id, at, '{{ model.batch.id }} {{ model.batch.event_time_start }} {{ model.batch.event_time_end }} {{ is_incremental() }}' as name from {{ ref('events') }}"
    const project = await projectWith(model("", query))
    const said = [
      "20240101 2024-01-01 00:00:00+00:00 2024-01-02 00:00:00+00:00 False",
      "20240102 2024-01-02 00:00:00+00:00 2024-01-03 00:00:00+00:00 True",
    ]
    await project.run("run", day("2024-01-02"))
    assert.deepEqual(await project.rows("select distinct name from m order by 1"), said)
    await project.run("run", { ...day("2024-01-02"), fullRefresh: true })
    assert.deepEqual(await project.rows("select distinct name from m order by 1"), said)
  })

  it("builds the batches of a range from outside", async () => {
    const project = await projectWith()
    await project.run("run", day("2024-01-05"))
    await project.execute("update input set name = 'v2'")
    const run = await project.run("run", {
      ...day("2024-01-06"),
      eventTime: { start: new Date("2024-01-02T05:00Z"), end: new Date("2024-01-03T01:00Z") },
    })
    assert.deepEqual(starts(run.of("m").batches?.successful), ["2024-01-02", "2024-01-03"])
    assert.deepEqual(await project.rows(COUNTS), [
      "2024-01-01|2|v1",
      "2024-01-02|2|v2",
      "2024-01-03|2|v2",
      "2024-01-04|2|v1",
      "2024-01-05|2|v1",
    ])
  })

  it("warns of batches that were never loaded, and names the command that loads them", async () => {
    const project = await projectWith()
    await project.run("run", day("2024-01-01"))
    const late = await project.run("run", day("2024-01-06"))
    assert.deepEqual(late.of("m").warnings, [
      'm has no rows from 2024-01-02 to 2024-01-05, before the first batch of this run. If these batches were never loaded, run it with --event-time-start "2024-01-02" --event-time-end "2024-01-05".',
    ])
    await project.run("run", {
      ...day("2024-01-06"),
      eventTime: { start: new Date("2024-01-02"), end: new Date("2024-01-05") },
    })
    assert.deepEqual((await project.run("run", day("2024-01-06"))).of("m").warnings, [])
    assert.equal(await project.value("select count(*) from m"), "12")
  })

  it("runs hooks before the first batch and behind the last", async () => {
    const project = await projectWith(
      model(
        "pre_hook=\"insert into {{ target.schema }}.log values ('pre {{ model.batch.id }}')\", post_hook=\"insert into {{ target.schema }}.log values ('post {{ model.batch.id }}')\"",
      ),
    )
    await project.execute("create table log (what text)")
    await project.run("run", day("2024-01-03"))
    assert.deepEqual(await project.rows("select * from log"), ["pre 20240101", "post 20240103"])
  })

  it("builds batches beside each other where concurrent_batches says so", async () => {
    const project = await projectWith(model("concurrent_batches=true"))
    await project.run("run", { ...day("2024-01-06"), threads: 4 })
    await project.run("run", {
      ...day("2024-01-06"),
      threads: 4,
      eventTime: { start: new Date("2024-01-01"), end: new Date("2024-01-07") },
    })
    assert.equal(await project.value("select count(*) from m"), "12")
  })

  it("has no batches to build where its begin is in the future", async () => {
    const project = await projectWith()
    const run = await project.run("run", day("2023-12-01"))
    assert.equal(run.of("m").message, "No batches: the range is empty")
  })

  it("says which settings it lacks", async () => {
    for (const [config, said] of [
      ["batch_size='day', begin='2024-01-01'", /needs event_time/],
      ["event_time='at', begin='2024-01-01'", /needs a batch_size of hour, day, month, year/],
      ["event_time='at', batch_size='day'", /needs begin/],
      ["event_time='at', batch_size='day', begin='then'", /needs begin/],
    ] as const) {
      const project = await projectWith({
        "models/m.sql": `{{ config(materialized='incremental', incremental_strategy='microbatch', ${config}) }} select 1 as id, now() as at`,
      })
      const message = await project.attempt("run").then(
        (run) => run.of("m").message!,
        (error: Error) => error.message,
      )
      assert.match(message, said)
    }
  })
})

describe("batches that fail", () => {
  /** A model that fails on the days of the var `bad`. */
  const FAILING = model(
    "",
    "select id, at, name, 1 / case when to_char(at, 'DD') in ({{ var('bad', \"'00'\") }}) then 0 else 1 end as one from {{ ref('events') }}",
  )
  const attempt = (project: DbtProject, bad: string, more = {}) =>
    project.attempt("build", { ...day("2024-01-04"), vars: { bad }, ...more })

  it("leave the others, make the model a partial success, and hold up what is built from it", async () => {
    const project = await projectWith({ ...FAILING, "models/next.sql": "select * from {{ ref('m') }}" })
    const run = await attempt(project, "'02'")
    const { status, message, batches, error } = run.of("m")
    assert.equal(status, "partial success")
    assert.equal(message, "3 of 4 batches. Batch 2024-01-02: division by zero")
    assert.equal(error?.kind, "database")
    assert.deepEqual(
      [starts(batches?.successful), starts(batches?.failed)],
      [["2024-01-01", "2024-01-03", "2024-01-04"], ["2024-01-02"]],
    )
    assert.equal(run.of("next").status, "skipped")
    assert.deepEqual(await project.rows("select distinct at::date from m order by 1"), [
      "2024-01-01",
      "2024-01-03",
      "2024-01-04",
    ])
  })

  it("can be built again alone", async () => {
    const project = await projectWith(FAILING)
    const failed = (await attempt(project, "'02', '03'")).of("m")
    await project.execute("update input set name = 'v2'")
    const batches = new Map([[failed.node.unique_id, failed.batches!.failed]])
    const again = await project.run("run", { ...day("2024-01-20"), batches, fullRefresh: true })
    assert.equal(again.of("m").message, "2 of 2 batches")
    assert.deepEqual(await project.rows(COUNTS), [
      "2024-01-01|2|v1",
      "2024-01-02|2|v2",
      "2024-01-03|2|v2",
      "2024-01-04|2|v1",
    ])
  })

  it("are all failed where the first one cannot make the table", async () => {
    const project = await projectWith(FAILING)
    const { status, batches } = (await attempt(project, "'01'")).of("m")
    assert.deepEqual([status, batches?.successful.length, batches?.failed.length], ["error", 0, 4])
    assert.deepEqual(
      await project.rows(
        "select relname from pg_class where relname = 'm' and relnamespace = current_schema()::regnamespace",
      ),
      [],
    )
  })
})
