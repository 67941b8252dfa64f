import assert from "node:assert/strict"
import { describe, it } from "node:test"
import pg from "pg"
import { type DbtProject, type DbtRunOptions, DbtWarehouse, type ProjectFiles } from "#test/dbt-warehouse.ts"

const warehouse = DbtWarehouse.use()

const ROWS = 2_000
const QUERY = `select i as id, {{ var('v') }} as v from generate_series(1, ${ROWS}) i`
/** Each run waits here, in its transaction, until the readers have seen it wait. */
const GATE = 4711
const HOOK = `pre_hook='select pg_advisory_xact_lock(${GATE})'`
const model = (config: string, query = QUERY) => ({ "models/m.sql": `{{ config(${config}, ${HOOK}) }} ${query}` })
const CSV = (v: number) => `id,v\n${Array.from({ length: ROWS }, (_, index) => `${index},${v}\n`).join("")}`

interface Case {
  files: ProjectFiles
  command?: "run" | "seed" | "snapshot"
  options?: DbtRunOptions
  /** What readers read, with columns `v`; each version of it is {@link ROWS} equal rows. */
  from?: string
  /** Done once the first version is there. */
  after?: string
  /** Further files of a version. */
  version?(v: number): ProjectFiles
}

const CASES: Readonly<Record<string, Case>> = {
  "a view": { files: model("materialized='view'") },
  "a view whose columns change": {
    files: {},
    version: (v) => model("materialized='view'", `${QUERY.replace("select", `select 'x' as c${v},`)}`),
  },
  "a table": { files: model("materialized='table'") },
  "a view over a table": {
    files: model("materialized='table'"),
    after: "create view near as select v from m; create view far as select v from near",
    from: "far",
  },
  "a materialized view over a table": {
    files: model("materialized='table'"),
    after: "create materialized view over as select v from m",
    from: "over",
  },
  "a partitioned table": {
    files: model(
      "materialized='table', partition_by='day'",
      `${QUERY.replace(" from", ", date '2026-01-01' + i % 5 as day from")}`,
    ),
  },
  "an incremental model (delete+insert)": { files: model("materialized='incremental', unique_key='id'") },
  "an incremental model (merge)": {
    files: model("materialized='incremental', unique_key='id', incremental_strategy='merge'"),
  },
  "a table and a view over it": {
    files: model("materialized='table'"),
    after: "create view near as select id, v from m",
    from: "(select near.v from m join near using (id, v))",
  },
  "an incremental model in a full refresh": {
    files: model("materialized='incremental', unique_key='id'"),
    options: { fullRefresh: true },
    after: "create view near as select v from m",
    from: "near",
  },
  "a materialized view": {
    files: model(
      "materialized='materialized_view'",
      `select i as id, (select v from {{ target.schema }}.version) as v from generate_series(1, ${ROWS}) i`,
    ),
  },
  "a materialized view in a full refresh": {
    files: model("materialized='materialized_view'"),
    options: { fullRefresh: true },
  },
  "a seed": {
    files: { "seeds/m.yml": `seeds: [{name: m, config: {pre-hook: 'select pg_advisory_xact_lock(${GATE})'}}]` },
    command: "seed",
    version: (v) => ({ "seeds/m.csv": CSV(v) }),
  },
  "a seed in a full refresh": {
    files: { "seeds/m.yml": `seeds: [{name: m, config: {pre-hook: 'select pg_advisory_xact_lock(${GATE})'}}]` },
    command: "seed",
    options: { fullRefresh: true },
    version: (v) => ({ "seeds/m.csv": CSV(v) }),
  },
  "a snapshot": {
    files: {
      "snapshots/m.sql": `{% snapshot m %}{{ config(strategy='check', check_cols='all', unique_key='id', ${HOOK}) }} ${QUERY}{% endsnapshot %}`,
    },
    command: "snapshot",
    from: "(select v from m where dbt_valid_to is null)",
  },
}

describe("two readers", () => {
  for (const [name, each] of Object.entries(CASES)) {
    it(`never see ${name} missing or half done`, async () => {
      const { files, command = "run", options = {}, version, after } = each
      const project = await warehouse.project({ ...files, ...version?.(1) })
      await project.execute("create table version as select 1 as v")
      await project.run(command, { ...options, vars: { v: 1 } })
      if (after) await project.execute(after)
      const readers = [new Reader(project, each.from ?? "m"), new Reader(project, each.from ?? "m")]
      const gate = new pg.Client(warehouse.url)
      await gate.connect()
      const loops = readers.map((reader) => reader.loop())
      try {
        for (const v of [2, 3, 4]) {
          if (version) project.write(version(v))
          await project.execute(`update version set v = ${v}`)
          await gate.query("select pg_advisory_lock($1)", [GATE])
          const run = project.run(command, { ...options, vars: { v } })
          await Promise.race([run, Promise.all(readers.map((reader) => reader.seesRunWait()))])
          await gate.query("select pg_advisory_unlock($1)", [GATE])
          await run
        }
      } finally {
        for (const reader of readers) reader.stop()
        await gate.end()
      }
      for (const versions of await Promise.all(loops)) {
        assert.ok(versions.has(1) && versions.has(4), `versions seen: ${[...versions].join(", ")}`)
      }
    })
  }
})

/** Reads again and again on a session of its own. */
class Reader {
  private readonly project: DbtProject
  private readonly from: string
  private isDone = false
  private onWait: (() => void) | null = null

  constructor(project: DbtProject, from: string) {
    this.project = project
    this.from = from
  }

  /** Reads until it is stopped, and once more. @returns the versions that it saw. @throws for one that is not whole. */
  async loop(): Promise<Set<number>> {
    const client = new pg.Client(warehouse.url)
    await client.connect()
    const seen = new Set<number>()
    try {
      await client.query(`set search_path to ${this.project.schema}, public`)
      for (let isLast = false; !isLast; ) {
        isLast = this.isDone
        const { rows } = await client.query<{ count: string; low: number; high: number; is_waiting: boolean }>(
          `select count(*), min(v) as low, max(v) as high,
                  exists (select from pg_locks where locktype = 'advisory' and objid = ${GATE} and not granted
                          and database = (select oid from pg_database where datname = current_database())) as is_waiting
           from ${this.from} as r`,
        )
        const { count, low, high, is_waiting } = rows[0]!
        assert.deepEqual([Number(count), low], [ROWS, high])
        seen.add(low)
        if (is_waiting) this.onWait?.()
      }
    } finally {
      await client.end()
    }
    return seen
  }

  /** Resolves when it read while a run waited at the gate. */
  seesRunWait(): Promise<void> {
    return new Promise((resolve) => {
      this.onWait = resolve
    })
  }

  stop(): void {
    this.isDone = true
  }
}
