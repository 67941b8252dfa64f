import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { type DbtProject, DbtWarehouse } from "#test/dbt-warehouse.ts"
import { type Random, seeded } from "#test/simulation/seeded.ts"

const warehouse = DbtWarehouse.use()

const STEPS = 12
const KEYS = 9

interface Row {
  k: number
  a: number | null
  b: string | null
  /** When it was changed, always later than before. */
  at: string
  /** As `at`, but a row that comes back may bring an old time. */
  late: string
}

interface Variant {
  config: string
  /** Whether rows that are deleted stay. */
  keeps?: boolean
  columns?: string
}

const CHECKED = "strategy='check', check_cols='all'"
const VARIANTS: Readonly<Record<string, Variant>> = {
  ts_ignore: { config: "strategy='timestamp', updated_at='at', unique_key='k'", keeps: true },
  ts_invalidate: { config: "strategy='timestamp', updated_at='late', unique_key='k', hard_deletes='invalidate'" },
  ts_new_record: { config: "strategy='timestamp', updated_at='late', unique_key='k', hard_deletes='new_record'" },
  check_ignore: { config: `${CHECKED}, unique_key='k'`, keeps: true },
  check_invalidate: { config: `${CHECKED}, unique_key=['k', "k + 1"], hard_deletes='invalidate'` },
  check_new_record: { config: `${CHECKED}, unique_key="'key ' || k", hard_deletes='new_record'` },
  check_late: {
    config: `${CHECKED}, updated_at='late', unique_key='k', hard_deletes='new_record', dbt_valid_to_current="'9999-12-31'::timestamp"`,
  },
  check_some: {
    config: "strategy='check', check_cols=['a'], unique_key='k', hard_deletes='invalidate'",
    columns: "k, a",
  },
}

const FILES = {
  "macros/clock.sql":
    "{% macro postgres__snapshot_get_time() %}'{{ var('now') }}'::timestamp without time zone{% endmacro %}",
  "models/sources.yml":
    'sources:\n  - name: raw\n    schema: "{{ target.schema }}"\n    tables:\n      - name: input\n',
  ...Object.fromEntries(
    Object.entries(VARIANTS).map(([name, { config }]) => [
      `snapshots/${name}.sql`,
      `{% snapshot ${name} %}{{ config(${config}) }} select * from {{ source('raw', 'input') }}{% endsnapshot %}`,
    ]),
  ),
}

/** Midnight of a step's day; what happened before it, on the day that ends there, is what its snapshot sees. */
const dayOf = (step: number) => new Date(Date.UTC(2026, 0, 1 + step)).toISOString().slice(0, 10)
const momentBefore = (step: number, random: Random) =>
  random.chance(0.2)
    ? `${dayOf(step)} 00:00:00`
    : `${dayOf(step - 1)} ${String(1 + random.below(23)).padStart(2, "0")}:00:00`

/** One thing happens to some keys. */
function change(
  rows: ReadonlyMap<number, Row>,
  gone: ReadonlySet<number>,
  step: number,
  random: Random,
): Map<number, Row> {
  const next = new Map(rows)
  for (let k = 0; k < KEYS; k++) {
    if (!random.chance(0.45)) continue
    const at = momentBefore(step, random)
    const row = rows.get(k)
    const values = {
      a: random.chance(0.2) ? null : random.below(3),
      b: random.chance(0.2) ? null : random.pick(["x", "y"]),
    }
    if (row && random.chance(0.3)) next.delete(k)
    else if (row) next.set(k, { ...row, ...(random.chance(0.8) && values), at, late: at })
    else next.set(k, { k, ...values, at, late: gone.has(k) && random.chance(0.5) ? `${dayOf(0)} 00:00:00` : at })
  }
  return next
}

const literal = (value: string | number | null) =>
  value === null ? "null" : typeof value === "number" ? `${value}` : `'${value}'`

async function fill(project: DbtProject, rows: Iterable<Row>): Promise<void> {
  const list = [...rows].map(({ k, a, b, at, late }) => `(${[k, a, b, at, late].map(literal).join(", ")})`)
  await project.execute(`truncate input${list.length > 0 ? `; insert into input values ${list.join(", ")}` : ""}`)
}

const ALL_COLUMNS = "k, a, b, at, late"
const asText = (row: Row, columns: string) =>
  columns
    .split(", ")
    .map((name) => row[name as keyof Row] ?? "null")
    .join("|")

describe("the history that a snapshot keeps", () => {
  for (const seed of [1, 2, 3]) {
    it(`replays a random one, without versions that overlap (seed ${seed})`, async () => {
      const random = seeded(seed)
      const project = await warehouse.project(FILES)
      await project.execute("create table input (k int, a int, b text, at timestamp, late timestamp)")
      const states: Map<number, Row>[] = []
      const known: Map<number, Row>[] = []
      const gone = new Set<number>()
      for (let step = 1; step <= STEPS; step++) {
        const before = states.at(-1) ?? new Map<number, Row>()
        const rows = change(before, gone, step, random)
        for (const k of before.keys()) if (!rows.has(k)) gone.add(k)
        states.push(rows)
        known.push(new Map([...(known.at(-1) ?? []), ...rows]))
        await fill(project, rows.values())
        await project.run("snapshot", { vars: { now: dayOf(step) }, threads: 2 })
      }
      for (const [name, { keeps, columns = ALL_COLUMNS }] of Object.entries(VARIANTS)) {
        for (const [index, rows] of (keeps ? known : states).entries()) {
          const day = dayOf(index + 1)
          const deleted = name.includes("late") || name.includes("new_record") ? "and dbt_is_deleted = 'False'" : ""
          const found = await project.rows(
            `select ${columns} from ${name}
             where dbt_valid_from <= '${day}' and (dbt_valid_to is null or dbt_valid_to > '${day}') ${deleted} order by k`,
          )
          const expected = [...rows.values()].sort((a, b) => a.k - b.k).map((row) => asText(row, columns))
          assert.deepEqual(found, expected, `${name} as of ${day}, seed ${seed}`)
        }
        const overlaps = await project.rows(
          `select v.k, v.dbt_valid_from, v.dbt_valid_to, w.dbt_valid_from, w.dbt_valid_to
           from ${name} v join ${name} w on w.k = v.k and w.ctid > v.ctid
           where tsrange(v.dbt_valid_from, v.dbt_valid_to) && tsrange(w.dbt_valid_from, w.dbt_valid_to)`,
        )
        assert.deepEqual(overlaps, [], `${name}, seed ${seed}`)
        const ids = `select count(*) from (select from ${name} group by dbt_scd_id having count(*) > 1) d`
        assert.equal(await project.value(ids), "0", `${name} has an id twice, seed ${seed}`)
      }
    })
  }
})
