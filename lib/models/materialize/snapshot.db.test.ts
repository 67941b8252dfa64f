import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type DbtProject, DbtWarehouse } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

const SOURCES = 'sources:\n  - name: raw\n    schema: "{{ target.schema }}"\n    tables:\n      - name: input\n'
/** The time of a snapshot is a var, so that tests know it. */
const CLOCK = "{% macro postgres__snapshot_get_time() %}'{{ var('now') }}'::timestamp without time zone{% endmacro %}"
const VERSIONS = "select id, name, dbt_valid_from::date, dbt_valid_to::date from h order by dbt_valid_from, id"

const snapshot = (config: string, query = "select * from {{ source('raw', 'input') }}") => ({
  "snapshots/h.sql": `{% snapshot h %}{{ config(${config}) }}\n${query}\n{% endsnapshot %}`,
})

async function projectWith(config: string, rows = "(1, 'a', '2026-01-01'), (2, 'b', '2026-01-01')") {
  const project = await warehouse.project({
    ...snapshot(config),
    "models/sources.yml": SOURCES,
    "macros/clock.sql": CLOCK,
  })
  await project.execute(`create table input (id int, name text, at timestamp); insert into input values ${rows}`)
  return project
}

const take = (project: DbtProject, day: number) =>
  project.run("snapshot", { vars: { now: `2026-01-${String(day).padStart(2, "0")}` } })
const refuse = async (project: DbtProject, day: number) => {
  const { status, message, error } = (
    await project.attempt("snapshot", { vars: { now: `2026-01-${String(day).padStart(2, "0")}` } })
  ).of("h")
  assert.equal(status, "error")
  return { message: message!, kind: error!.kind }
}

const TIMESTAMP = "strategy='timestamp', unique_key='id', updated_at='at'"
const CHECK = "strategy='check', unique_key='id', check_cols=['name']"

describe("a snapshot by timestamp", () => {
  it("opens a version where updated_at is later, and closes the one before at that time", async () => {
    const project = await projectWith(TIMESTAMP)
    const first = await take(project, 5)
    assert.equal(first.of("h").message, "SELECT 2")
    await project.execute(
      "update input set name = 'B', at = '2026-01-07' where id = 2; update input set name = 'unseen' where id = 1; insert into input values (3, 'c', '2026-01-06')",
    )
    const second = await take(project, 10)
    assert.equal(second.of("h").message, "INSERT 0 2")
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-01|null",
      "2|b|2026-01-01|2026-01-07",
      "3|c|2026-01-06|null",
      "2|B|2026-01-07|null",
    ])
    await take(project, 11)
    assert.equal(await project.value("select count(*) from h"), "4")
  })

  it("gives each version an id and the time of its row, as dbt does", async () => {
    const project = await projectWith(TIMESTAMP)
    await take(project, 5)
    assert.deepEqual(
      await project.rows(
        "select dbt_scd_id = md5(coalesce(id::varchar, '') || '|' || coalesce(at::varchar, '')), dbt_updated_at = at, dbt_valid_from = at from h",
      ),
      ["t|t|t", "t|t|t"],
    )
    assert.deepEqual(
      await project.rows(
        "select attname from pg_attribute where attrelid = 'h'::regclass and attnum > 0 order by attnum",
      ),
      ["id", "name", "at", "dbt_scd_id", "dbt_updated_at", "dbt_valid_from", "dbt_valid_to"],
    )
  })

  it("takes an expression for updated_at, and rows that have no time for seen now", async () => {
    const project = await projectWith(
      "strategy='timestamp', unique_key='id', updated_at=\"at + interval '1 day'\"",
      "(1, 'a', '2026-01-01'), (2, 'b', null)",
    )
    await take(project, 5)
    await take(project, 6)
    assert.deepEqual(await project.rows(VERSIONS), ["1|a|2026-01-02|null", "2|b|2026-01-05|null"])
  })
})

describe("a snapshot by check", () => {
  it("opens a version where a checked column differs, nulls told apart", async () => {
    const project = await projectWith(CHECK, "(1, 'a', '2026-01-01'), (2, 'b', '2026-01-01'), (3, null, null)")
    await take(project, 5)
    await project.execute(
      "update input set name = null where id = 2; update input set at = now() where id = 1; update input set name = 'c' where id = 3",
    )
    await take(project, 10)
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-05|null",
      "2|b|2026-01-05|2026-01-10",
      "3|null|2026-01-05|2026-01-10",
      "2|null|2026-01-10|null",
      "3|c|2026-01-10|null",
    ])
  })

  it("of all columns sees each change, also of types without equality", async () => {
    const project = await projectWith(CHECK)
    project.write(
      snapshot(
        "strategy='check', unique_key='id', check_cols='all'",
        "select id, name, json_build_object('n', name) as j, xmlelement(name x, name) as x, point(id, id) as p from {{ source('raw', 'input') }}",
      ),
    )
    await take(project, 5)
    await project.execute("update input set name = 'B' where id = 2")
    await take(project, 10)
    await take(project, 11)
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-05|null",
      "2|b|2026-01-05|2026-01-10",
      "2|B|2026-01-10|null",
    ])
  })

  it("takes the time of a version from updated_at where it has one", async () => {
    const project = await projectWith("strategy='check', unique_key='id', check_cols='all', updated_at='at'")
    await take(project, 5)
    await project.execute("update input set name = 'B', at = '2026-01-08' where id = 2")
    await take(project, 10)
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-01|null",
      "2|b|2026-01-01|2026-01-08",
      "2|B|2026-01-08|null",
    ])
  })

  it("never lets a version begin before the one that it follows", async () => {
    const project = await projectWith("strategy='check', unique_key='id', check_cols=['name'], updated_at='at'")
    await take(project, 5)
    await project.execute("update input set name = 'B', at = '2025-06-01' where id = 2")
    await take(project, 10)
    assert.deepEqual(
      await project.rows("select name, dbt_valid_from::date, dbt_valid_to::date from h where id = 2 order by 2"),
      ["b|2026-01-01|2026-01-10", "B|2026-01-10|null"],
    )
  })
})

describe("columns of a snapshot", () => {
  for (const check of ["'all'", "['name', 'extra']"]) {
    it(`that are new are added, with versions for what they hold (check_cols ${check})`, async () => {
      const project = await projectWith(
        `strategy='check', unique_key='id', check_cols=${check === "'all'" ? check : "['name']"}`,
      )
      await take(project, 5)
      await project.execute("alter table input add column extra varchar(3) default 'x'")
      project.write(snapshot(`strategy='check', unique_key='id', check_cols=${check}`))
      await take(project, 10)
      assert.deepEqual(
        await project.rows("select id, extra, dbt_valid_from::date, dbt_valid_to::date from h order by 3, 1"),
        ["1|null|2026-01-05|2026-01-10", "2|null|2026-01-05|2026-01-10", "1|x|2026-01-10|null", "2|x|2026-01-10|null"],
      )
      await take(project, 11)
      assert.equal(await project.value("select count(*) from h"), "4")
    })
  }

  it("that are gone stay, and are null in versions to come", async () => {
    const project = await projectWith("strategy='check', unique_key='id', check_cols='all'")
    await take(project, 5)
    await project.execute("alter table input drop column at; update input set name = 'B' where id = 2")
    await take(project, 10)
    assert.deepEqual(
      await project.rows("select id, name, at::date, dbt_valid_to::date from h order by id, dbt_valid_from"),
      ["1|a|2026-01-01|null", "2|b|2026-01-01|2026-01-10", "2|B|null|null"],
    )
  })

  it("grow where texts become longer, with a view in the way", async () => {
    const project = await projectWith(CHECK)
    const sized = (size: number) =>
      snapshot(CHECK, `select id, name::varchar(${size}) as name from {{ source('raw', 'input') }}`)
    project.write(sized(1))
    await take(project, 5)
    await project.execute(
      "create view reader as select name from h where dbt_valid_to is null; update input set name = 'longer' where id = 1",
    )
    project.write(sized(10))
    await take(project, 10)
    assert.deepEqual(await project.rows("select * from reader order by 1"), ["b", "longer"])
  })

  it("that the snapshot adds have the names of the config", async () => {
    const names =
      "snapshot_meta_column_names={'dbt_valid_from': 'starts', 'dbt_valid_to': 'Ends', 'dbt_scd_id': 'scd', 'dbt_updated_at': 'seen', 'dbt_is_deleted': 'is_gone'}, hard_deletes='new_record'"
    const project = await projectWith(`${CHECK}, ${names}`)
    await take(project, 5)
    await project.execute("delete from input where id = 1; update input set name = 'B' where id = 2")
    await take(project, 10)
    assert.deepEqual(
      await project.rows(
        'select id, name, starts::date, "Ends"::date, is_gone, scd is null, seen = starts from h order by id, starts',
      ),
      [
        "1|a|2026-01-05|2026-01-10|False|f|t",
        "1|a|2026-01-10|null|True|f|t",
        "2|b|2026-01-05|2026-01-10|False|f|t",
        "2|B|2026-01-10|null|False|f|t",
      ],
    )
  })

  it("that name current versions by a value are told apart by it (dbt_valid_to_current)", async () => {
    const project = await projectWith(
      `${CHECK}, dbt_valid_to_current="'9999-12-31'::timestamp", hard_deletes='invalidate'`,
    )
    await take(project, 5)
    await project.execute(
      "delete from input where id = 1; update input set name = 'B' where id = 2; insert into input values (3, 'c', null)",
    )
    await take(project, 10)
    await take(project, 11)
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-05|2026-01-10",
      "2|b|2026-01-05|2026-01-10",
      "2|B|2026-01-10|9999-12-31",
      "3|c|2026-01-10|9999-12-31",
    ])
  })
})

describe("rows that are deleted", () => {
  const deleted = async (config: string, strategy = TIMESTAMP) => {
    const project = await projectWith(`${strategy}, ${config}`)
    await take(project, 5)
    await project.execute("delete from input where id = 1")
    await take(project, 10)
    await take(project, 12)
    return project
  }
  const ROWS = "select id, dbt_valid_from::date, dbt_valid_to::date from h where id = 1 order by 2"

  it("are left by default", async () => {
    const project = await deleted("hard_deletes='ignore'")
    assert.deepEqual(await project.rows(ROWS), ["1|2026-01-01|null"])
  })

  for (const config of ["hard_deletes='invalidate'", "invalidate_hard_deletes=true"]) {
    it(`end with ${config}, and begin anew when they are back`, async () => {
      for (const strategy of [TIMESTAMP, CHECK]) {
        const project = await deleted(config, strategy)
        await project.execute("insert into input values (1, 'a', '2026-01-01')")
        await take(project, 20)
        const begin = strategy === CHECK ? "05" : "01"
        // A row that comes back with its old time was not there in between.
        assert.deepEqual(await project.rows(ROWS), [`1|2026-01-${begin}|2026-01-10`, "1|2026-01-20|null"])
      }
    })
  }

  it("get a version that says so with new_record, which ends when they are back", async () => {
    for (const strategy of [TIMESTAMP, CHECK]) {
      const project = await deleted("hard_deletes='new_record'", strategy)
      await project.execute("insert into input values (1, 'back', '2026-01-15')")
      await take(project, 20)
      await project.execute("delete from input where id = 1")
      await take(project, 25)
      const [begin, back] = strategy === CHECK ? ["05", "20"] : ["01", "15"]
      assert.deepEqual(
        await project.rows(
          "select name, dbt_valid_from::date, dbt_valid_to::date, dbt_is_deleted from h where id = 1 order by 2",
        ),
        [
          `a|2026-01-${begin}|2026-01-10|False`,
          `a|2026-01-10|2026-01-${back}|True`,
          `back|2026-01-${back}|2026-01-25|False`,
          "back|2026-01-25|null|True",
        ],
      )
    }
  })

  it("may be told apart from a snapshot that did not before", async () => {
    const project = await projectWith(CHECK)
    await take(project, 5)
    project.write(snapshot(`${CHECK}, hard_deletes='new_record'`))
    await project.execute("delete from input where id = 1")
    await take(project, 10)
    assert.deepEqual(
      await project.rows("select id, dbt_valid_to::date, dbt_is_deleted from h order by id, dbt_valid_from"),
      ["1|2026-01-10|False", "1|null|True", "2|null|False"],
    )
  })
})

describe("keys of a snapshot", () => {
  it("that come twice or are null are refused by name, and nothing changes", async () => {
    const project = await projectWith(CHECK)
    await take(project, 5)
    await project.execute(
      "insert into input values (2, 'again', null), (null, 'x', null), (7, 'p', null), (7, 'q', null), (7, 'r', null)",
    )
    const { message, kind } = await refuse(project, 10)
    assert.equal(kind, "data")
    assert.match(message, /unique_key \(id\) that is neither null nor repeated; these are: /)
    for (const said of ["2 (2 rows)", "null (1 row)", "7 (3 rows)"]) assert.ok(message.includes(said), message)
    assert.equal(await project.value("select count(*) from h"), "2")
  })

  it("are refused on the first run too, a few of many named", async () => {
    const project = await projectWith(
      CHECK,
      "(1, 'a', null), (1, 'b', null), (2, 'a', null), (2, 'b', null), (3, 'a', null), (3, 'b', null), (4, 'a', null), (4, 'b', null), (5, 'a', null), (5, 'b', null), (6, 'a', null), (6, 'b', null)",
    )
    assert.match((await refuse(project, 5)).message, /\(2 rows\) and more\. Make its query give one row a key\./)
    assert.deepEqual(
      await project.rows(
        "select relname from pg_class where relname = 'h' and relnamespace = current_schema()::regnamespace",
      ),
      [],
    )
  })

  it("may be lists and expressions", async () => {
    for (const key of ["['id', 'name']", "\"id || '-' || name\"", "['id', 'lower(name)']"]) {
      const project = await projectWith(
        `strategy='check', unique_key=${key}, check_cols=['at'], hard_deletes='invalidate'`,
        "(1, 'a', null), (1, 'b', null)",
      )
      await take(project, 5)
      await project.execute(
        "update input set at = '2026-01-02' where name = 'b'; insert into input values (2, 'a', null); delete from input where name = 'a' and id = 1",
      )
      await take(project, 10)
      assert.deepEqual(
        await project.rows(
          "select id, name, at::date, dbt_valid_from::date, dbt_valid_to::date from h order by id, name, 4",
        ),
        [
          "1|a|null|2026-01-05|2026-01-10",
          "1|b|null|2026-01-05|2026-01-10",
          "1|b|2026-01-02|2026-01-10|null",
          "2|a|null|2026-01-10|null",
        ],
        key,
      )
    }
  })
})

describe("what else a snapshot does", () => {
  it("goes on from a table that dbt made", async () => {
    const project = await projectWith(`${TIMESTAMP}, hard_deletes='invalidate'`)
    // The table as dbt-postgres 1.9 leaves it after a first run.
    await project.execute(`
      create table h as select sbq.*,
        md5(coalesce(cast(id as varchar ), '') || '|' || coalesce(cast(at as varchar ), '')) as dbt_scd_id,
        at as dbt_updated_at, at as dbt_valid_from, coalesce(nullif(at, at), null) as dbt_valid_to
      from (select * from input) sbq`)
    await project.execute("update input set name = 'B', at = '2026-01-07' where id = 2; delete from input where id = 1")
    await take(project, 10)
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-01|2026-01-10",
      "2|b|2026-01-01|2026-01-07",
      "2|B|2026-01-07|null",
    ])
  })

  it("refuses to go on from what is no snapshot", async () => {
    const project = await projectWith(CHECK)
    await project.execute("create table h as select 1 as id")
    assert.match(
      (await refuse(project, 5)).message,
      /is no snapshot: it lacks dbt_scd_id, dbt_updated_at, dbt_valid_from, dbt_valid_to/,
    )
    await project.execute("drop table h; create view h as select 1 as id")
    assert.match((await refuse(project, 5)).message, /is a view, so snapshot h cannot be kept there/)
  })

  it("finds changes by a strategy of the project", async () => {
    const project = await projectWith("strategy='longer', unique_key='id'")
    project.write({
      "macros/longer.sql": `{% macro snapshot_longer_strategy(node, snapshotted_rel, current_rel, model_config, target_exists) %}
        {% do return({
          'unique_key': model_config['unique_key'], 'updated_at': 'at',
          'row_changed': 'length(' ~ current_rel ~ '.name) > length(' ~ snapshotted_rel ~ '.name)',
          'scd_id': snapshot_hash_arguments([model_config['unique_key'], 'at']), 'invalidate_hard_deletes': false
        }) %}
      {% endmacro %}`,
    })
    await take(project, 5)
    await project.execute(
      "update input set name = 'bb', at = '2026-01-08' where id = 2; update input set name = 'z' where id = 1",
    )
    await take(project, 10)
    assert.deepEqual(await project.rows(VERSIONS), [
      "1|a|2026-01-01|null",
      "2|b|2026-01-01|2026-01-08",
      "2|bb|2026-01-08|null",
    ])
  })

  it("reads a relation that YAML names, and runs before what reads it", async () => {
    const project = await warehouse.project({
      "snapshots/h.yml":
        "snapshots:\n  - name: h\n    relation: ref('base')\n    config: {strategy: check, unique_key: id, check_cols: all}\n",
      "models/base.sql": "select 1 as id",
      "models/next.sql": "select count(*) as n from {{ ref('h') }} where dbt_valid_to is null",
      "macros/clock.sql": CLOCK,
    })
    const run = await project.run("build", { vars: { now: "2026-01-05" } })
    assert.deepEqual(run.statuses, ["base success", "h success", "next success"])
    assert.deepEqual(await project.rows("select n from next"), ["1"])
  })

  it("runs hooks and goes into the schema of its config", async () => {
    const project = await projectWith(
      `${CHECK}, schema='history', post_hook='create index on {{ this }} (id)', indexes=[{'columns': ['name']}]`,
    )
    await take(project, 5)
    assert.equal(
      await project.value(`select count(*) from pg_indexes where schemaname = '${project.schema}_history'`),
      "2",
    )
  })

  it("says which settings it lacks", async () => {
    for (const [config, said] of [
      ["unique_key='id'", /strategy/],
      ["strategy='check', check_cols='all'", /unique_key/],
      ["strategy='timestamp', unique_key='id'", /updated_at/],
      ["strategy='check', unique_key='id'", /check_cols/],
      ["strategy='guess', unique_key='id'", /guess/],
    ] as const) {
      const project = await projectWith(CHECK)
      project.write(snapshot(config))
      const message = await project.attempt("snapshot", { vars: { now: "2026-01-01" } }).then(
        (run) => run.of("h").message ?? "",
        (error: Error) => error.message,
      )
      assert.match(message, said)
    }
  })

  it("is not built anew in a full refresh", async () => {
    const project = await projectWith(CHECK)
    await take(project, 5)
    await project.execute("update input set name = 'A' where id = 1")
    await project.run("build", { fullRefresh: true, vars: { now: "2026-01-10" } })
    assert.equal(await project.value("select count(*) from h"), "3")
  })

  it("of a query that fails changes nothing", async () => {
    const project = await projectWith(CHECK)
    await take(project, 5)
    project.write(snapshot(CHECK, "select id, name, 1 / (id - 1) as x from {{ source('raw', 'input') }}"))
    assert.equal((await refuse(project, 10)).message, "division by zero")
    assert.equal(await project.value("select count(*) from h"), "2")
  })
})
