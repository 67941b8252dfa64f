import assert from "node:assert/strict"
import { test } from "node:test"
import { statementSummary } from "./statement-summary.ts"

test("a statement is summed up by what it does and to what", () => {
  const cases: [sql: string, summary: string][] = [
    ["select * from marts.orders o join x on true where name = 'Jane'", "SELECT marts.orders"],
    ["-- from nowhere\n/* into there */ INSERT INTO stage.t (a) values (1)", "INSERT stage.t"],
    ['update only "My Schema"."a.b" set x = 1', 'UPDATE "My Schema"."a.b"'],
    ["delete from t where x in (select y from z)", "DELETE t"],
    ["merge into dim using s on true when matched then delete", "MERGE dim"],
    ["copy raw.customers (a, b) from stdin", "COPY raw.customers"],
    ["copy (select 1) to stdout", "COPY"],
    ["with a as (select * from b) insert into c select * from a", "INSERT c"],
    ["with a as (select 'insert into secret' from b) select 1", "SELECT"],
    ["create table if not exists marts.a as select 1", "CREATE marts.a"],
    ["create unique index concurrently i on t (a)", "CREATE i"],
    ["drop view if exists v cascade", "DROP v"],
    ["select $$ from the.body $$, '-- from x'", "SELECT"],
    ["begin", "BEGIN"],
    ["commit", "COMMIT"],
    ["", "SQL"],
    ["('odd')", "SQL"],
  ]
  for (const [sql, summary] of cases) assert.equal(statementSummary(sql), summary, sql)
})

test("no literal is ever in it, however the statement is cut", () => {
  const secret = "4111-1111-1111-1111"
  for (const sql of [
    `select '${secret}'`,
    `insert into t values ('${secret}'`,
    `select * from f('${secret}')`,
    `update t set card = $x$${secret}`,
    `call p('${secret}')`,
    `${" ".repeat(4_000)}select x from t where y = '${secret}' or z = '${"z".repeat(200)}'`,
  ]) {
    assert.doesNotMatch(statementSummary(sql), /4111/, sql)
  }
})
