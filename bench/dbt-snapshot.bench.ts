import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import pg from "pg"
import { selectForCommand } from "#lib/models/command/select-for-command.ts"
import { parseProject } from "#lib/models/project/parse-project.ts"
import { runProject } from "#lib/models/run/run-project.ts"
import { createTestDatabase } from "#test/db.ts"
import { TARGET } from "#test/dbt-project.ts"
import type { Row } from "./harness.ts"

const ROWS = 1_000_000
const EVERY = 100

/**
 * A snapshot of a million rows of which one in a hundred changed, and as much again is new and gone, against the update and
 * the insert that somebody would write by hand, without any check of the keys.
 */
export default {
  name: "dbt snapshot",
  rounds: 3,
  async run(): Promise<Row[]> {
    const database = await createTestDatabase()
    const client = new pg.Client(database.warehouseUrl)
    const folder = mkdtempSync(path.join(os.tmpdir(), "headrace-bench-dbt-"))
    await client.connect()
    try {
      await client.query(SOURCE)
      mkdirSync(path.join(folder, "snapshots"))
      writeFileSync(path.join(folder, "dbt_project.yml"), "name: shop\nversion: '1.0'\nprofile: shop\n")
      writeFileSync(path.join(folder, "snapshots/h.sql"), SNAPSHOT)
      const target = { ...TARGET, database: new URL(database.warehouseUrl).pathname.slice(1) }
      const take = async () => {
        const project = parseProject({ folder, target, flags: { which: "snapshot" } })
        const { ids } = selectForCommand(project, { resourceTypes: ["snapshot"] })
        const begin = performance.now()
        const [result] = await runProject({
          project,
          command: "snapshot",
          selected: new Set(ids),
          session: { connection: { connectionString: database.warehouseUrl }, applicationName: "bench" },
          threads: 1,
        })
        if (result?.status !== "success") throw new Error(result?.message ?? "no result")
        return { all: (performance.now() - begin) / 1_000, node: result.executionTime }
      }
      const first = await take()
      const settle = async (...statements: string[]) => {
        for (const sql of [...statements, "vacuum analyze", "checkpoint"]) await client.query(sql)
      }
      await settle("create table by_hand as select * from h", CHANGES)
      const byHand = await timed(async () => void (await client.query(BY_HAND)))
      await settle()
      const second = await take()
      const { rows } = await client.query<{ differ: string }>(
        "select count(*) as differ from h full join by_hand b using (id, dbt_valid_from) where h.amount is distinct from b.amount",
      )
      if (rows[0]!.differ !== "0") throw new Error(`${rows[0]!.differ} versions differ from those made by hand.`)
      return [
        { name: "first snapshot of 1 M rows", value: first.node, unit: "s" },
        { name: "by hand, 1 % changed", value: byHand, unit: "s" },
        { name: "snapshot, 1 % changed", value: second.node, unit: "s", ratio: second.node / byHand, of: "by hand" },
        { name: "with start of threads", value: second.all, unit: "s", ratio: second.all / byHand, of: "by hand" },
      ]
    } finally {
      rmSync(folder, { recursive: true, force: true })
      await client.end()
      await database.drop()
    }
  },
}

const SNAPSHOT = `{% snapshot h %}
{{ config(strategy='timestamp', unique_key='id', updated_at='updated_at', hard_deletes='invalidate') }}
select * from public.source
{% endsnapshot %}`

const SOURCE = `
  create table source as
  select i as id, 'customer ' || i as name, md5(i::text) as token, (i * 7) % 1000 / 10.0 as amount,
         i % 5 as kind, timestamp '2026-01-01' + i * interval '1 second' as updated_at
  from generate_series(1, ${ROWS}) i;
  analyze source`

const CHANGES = `
  update source set amount = amount + 1, updated_at = '2026-06-01' where id % ${EVERY} = 0;
  delete from source where id % ${EVERY} = 1;
  insert into source select ${ROWS} + i, 'new', 'x', 1, 1, '2026-06-01' from generate_series(1, ${ROWS / EVERY}) i`

const BY_HAND = `
  begin;
  update by_hand t set dbt_valid_to = s.updated_at
  from source s
  where s.id = t.id and t.dbt_valid_to is null and s.updated_at > t.dbt_valid_from;
  update by_hand t set dbt_valid_to = now()
  where t.dbt_valid_to is null and not exists (select from source s where s.id = t.id);
  insert into by_hand
  select s.*, md5(s.id || '|' || s.updated_at), s.updated_at, s.updated_at, null
  from source s
  where not exists (select from by_hand t where t.id = s.id and t.dbt_valid_to is null);
  commit`

async function timed(work: () => Promise<void>): Promise<number> {
  const begin = performance.now()
  await work()
  return (performance.now() - begin) / 1_000
}
