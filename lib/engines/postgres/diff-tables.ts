import type pg from "pg"
import type { Column } from "./catalog.ts"
import { quoteIdentifier, quoteTable } from "./quote-identifier.ts"

/** One side of a comparison: a table, or some of its rows. */
export interface DiffSide {
  /** `schema.name`. */
  table: string
  columns: readonly Column[]
  /** Rows whose columns, as text, have these values. */
  where: readonly { column: string; value: string }[]
  /** The versions of rows that held at an instant; columns say from when, until when, and which versions say that a row was gone. */
  asOf: { from: string; until: string; deleted: string | null; at: string } | null
}

/** Columns that are compared under one name, and how their values are made comparable. */
export interface DiffPlan {
  keys: readonly string[]
  columns: readonly string[]
}

export interface TableDiff {
  rows: { left: number; right: number }
  /** Rows with a key that the other side does not have, and rows whose values differ. */
  onlyLeft: number
  onlyRight: number
  changed: number
  /** Keys that stand more than once, among the rows that were compared one by one. */
  repeatedKeys: { left: number; right: number }
  /** Changed rows by column. */
  columns: { name: string; changed: number }[]
  samples: DiffRow[]
}

export interface DiffRow {
  kind: "only_left" | "only_right" | "changed"
  /** As texts, in the order of the plan's keys; null for NULL. */
  key: (string | null)[]
  /** Its key stands more than once on a side. */
  isRepeated: boolean
  /** Of the columns that differ, in the order of the plan; empty for rows of one side. */
  values: { column: string; left: string | null; right: string | null }[]
}

/** Rows fall into so many groups by the hash of their key. A thousand rows that differ among a million touch 1.5 % of them. */
const BUCKETS = 65_536
const MAX_VALUE_LENGTH = 500

const NUMERIC = /^(smallint|integer|bigint|numeric|real|double precision)\b/

/**
 * Compares two sets of rows of one database by their keys. First each side is read once, and its rows' hashes are summed up
 * by groups of keys; then the rows of those groups alone that differ are joined and compared value by value. Equal tables
 * therefore cost one read each, whatever their size. Values are compared as texts: numbers without trailing zeros, NULL as a
 * value of its own. A key that stands several times is compared row by row in the order of the rows' values.
 *
 * Two rows that differ are taken for equal with a probability of 2⁻⁶⁴ for their pair of hashes (`hashtextextended`).
 */
export async function diffTables(
  client: pg.ClientBase,
  sides: { left: DiffSide; right: DiffSide },
  plan: DiffPlan,
  limit: number,
): Promise<TableDiff> {
  const bindings: unknown[] = []
  const left = rowsOf(sides.left, plan, sides, bindings)
  const right = rowsOf(sides.right, plan, sides, bindings)
  const { rows: sums } = await client.query<{ buckets: number[]; left: number; right: number }>(
    `with l as (${sumsOf(left)}), r as (${sumsOf(right)})
     select coalesce(sum(l.n), 0)::float8 as left, coalesce(sum(r.n), 0)::float8 as right,
            coalesce(array_agg(coalesce(l.bucket, r.bucket))
                     filter (where (l.n, l.total) is distinct from (r.n, r.total)), '{}') as buckets
     from l full join r on r.bucket = l.bucket`,
    bindings,
  )
  const { buckets, ...rows } = sums[0]!
  if (buckets.length === 0) return { rows, ...NOTHING, columns: plan.columns.map((name) => ({ name, changed: 0 })) }
  return { rows, ...(await compareRows(client, { left, right }, plan, { buckets, bindings, limit })) }
}

const NOTHING = { onlyLeft: 0, onlyRight: 0, changed: 0, repeatedKeys: { left: 0, right: 0 }, samples: [] }

/** A select of `key` (text), `h` (hash of all values) and `k1…`, `c1…` (texts). */
function rowsOf(
  side: DiffSide,
  { keys, columns }: DiffPlan,
  { left, right }: { left: DiffSide; right: DiffSide },
  bindings: unknown[],
): string {
  const bind = (value: unknown) => `$${bindings.push(value)}`
  const text = (name: string) => comparable(name, typeIn(left, name), typeIn(right, name))
  const conditions = side.where.map(({ column, value }) => `${quoteIdentifier(column)}::text = ${bind(value)}`)
  if (side.asOf) {
    const [from, until, at] = [quoteIdentifier(side.asOf.from), quoteIdentifier(side.asOf.until), bind(side.asOf.at)]
    conditions.push(`${from}::timestamptz <= ${at}::timestamptz`)
    conditions.push(`(${until} is null or ${until}::timestamptz > ${at}::timestamptz)`)
    // dbt writes the texts True and False.
    const { deleted } = side.asOf
    if (deleted !== null) conditions.push(`not coalesce(${quoteIdentifier(deleted)}::text ilike 'true', false)`)
  }
  const list = [
    ...keys.map((name, i) => `${text(name)} as k${i}`),
    ...columns.map((name, i) => `${text(name)} as c${i}`),
  ]
  const where = conditions.length > 0 ? ` where ${conditions.join(" and ")}` : ""
  const names = (letter: string, count: number) => Array.from({ length: count }, (_, i) => `${letter}${i}`).join(", ")
  return `select *, row(${names("k", keys.length)})::text as key,
            hashtextextended(row(${[names("k", keys.length), names("c", columns.length)].filter(Boolean).join(", ")})::text, 0) as h
          from (select ${list.join(", ")} from ${quoteTable(side.table)}${where}) texts`
}

function typeIn(side: DiffSide, name: string): string {
  return side.columns.find((column) => column.name === name)?.type ?? "text"
}

/** The text by which values of a column are compared, which is the same for equal values of either type. */
function comparable(name: string, left: string, right: string): string {
  const column = quoteIdentifier(name)
  if (NUMERIC.test(left) && NUMERIC.test(right)) return `trim_scale(${column}::numeric)::text`
  if (left !== right && left.startsWith("timestamp") && right.startsWith("timestamp"))
    return `${column}::timestamptz::text`
  if (left === "json" || right === "json") return `${column}::jsonb::text`
  return `${column}::text`
}

const bucketOf = (key: string) => `hashtextextended(${key}, 0) & ${BUCKETS - 1}`

function sumsOf(rows: string): string {
  return `select ${bucketOf("key")} as bucket, count(*) as n, sum(h::numeric) as total from (${rows}) rows group by 1`
}

async function compareRows(
  client: pg.ClientBase,
  { left, right }: { left: string; right: string },
  { keys, columns }: DiffPlan,
  { buckets, bindings, limit }: { buckets: number[]; bindings: readonly unknown[]; limit: number },
): Promise<Omit<TableDiff, "rows">> {
  const wanted = `$${bindings.length + 1}::bigint[]`
  // The place among rows of one key pairs repeated keys.
  const side = (rows: string) =>
    `select *, row_number() over (partition by key order by h) as place, count(*) over (partition by key) as times from (${rows}) rows where ${bucketOf("key")} = any (${wanted})`
  const isChanged = columns.map((_, i) => `l.c${i} is distinct from r.c${i}`)
  const pairs = `l.key is not null and r.key is not null`
  const shownKeys = keys.map((_, i) => `left(coalesce(l.k${i}, r.k${i}), ${MAX_VALUE_LENGTH})`)
  const shown = columns.flatMap((_, i) => [
    `case when ${isChanged[i]} then left(l.c${i}, ${MAX_VALUE_LENGTH}) end`,
    `case when ${isChanged[i]} then left(r.c${i}, ${MAX_VALUE_LENGTH}) end`,
  ])
  const flags = isChanged.map((test) => `(${test})`)
  const { rows } = await client.query<CompareRow>(
    `with l as (${side(left)}), r as (${side(right)}), found as materialized (
       select case when r.key is null then 'only_left' when l.key is null then 'only_right' else 'changed' end as kind,
              greatest(l.place, r.place) as place, coalesce(l.key, r.key) as key,
              greatest(l.times, r.times) > 1 as repeated, array[${shownKeys.join(", ")}]::text[] as keys, array[${flags.join(", ")}]::boolean[] as changed,
              array[${shown.join(", ")}]::text[] as shown
       from l full join r on r.key = l.key and r.place = l.place
       where not (${pairs}) or l.h <> r.h
     ), counted as (
       select count(*) filter (where kind = 'only_left')::float8 as "onlyLeft",
              count(*) filter (where kind = 'only_right')::float8 as "onlyRight",
              count(*) filter (where kind = 'changed')::float8 as changed
       from found
     ), by_column as (
       select flag.i, count(*)::float8 as n
       from found cross join lateral unnest(found.changed) with ordinality as flag (is_changed, i)
       where found.kind = 'changed' and flag.is_changed
       group by flag.i
     )
     select counted.*,
            (select count(*) from l where place = 2)::float8 as "repeatedLeft",
            (select count(*) from r where place = 2)::float8 as "repeatedRight",
            (select coalesce(jsonb_object_agg(i - 1, n), '{}') from by_column) as "byColumn",
            (select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'keys', to_jsonb(keys), 'changed', to_jsonb(changed),
                                                          'shown', to_jsonb(shown), 'repeated', repeated)), '[]')
             from (select kind, keys, changed, shown, repeated
                   from (select *, row_number() over (partition by kind order by key, place) as turn from found) all_found
                   order by turn, kind limit ${limit}) sampled) as samples
     from counted`,
    [...bindings, buckets],
  )
  const { repeatedLeft, repeatedRight, byColumn, samples, ...counts } = rows[0]!
  return {
    ...counts,
    repeatedKeys: { left: repeatedLeft, right: repeatedRight },
    columns: columns.map((name, i) => ({ name, changed: byColumn[i] ?? 0 })),
    samples: samples.map((sample) => toDiffRow(sample, columns)),
  }
}

interface Sample {
  kind: DiffRow["kind"]
  keys: (string | null)[]
  changed: boolean[]
  shown: (string | null)[]
  repeated: boolean
}

interface CompareRow {
  onlyLeft: number
  onlyRight: number
  changed: number
  repeatedLeft: number
  repeatedRight: number
  byColumn: Record<number, number>
  samples: Sample[]
}

function toDiffRow({ kind, keys, changed, shown, repeated }: Sample, columns: readonly string[]): DiffRow {
  const values = columns.flatMap((column, i) =>
    kind === "changed" && changed[i] ? [{ column, left: shown[2 * i] ?? null, right: shown[2 * i + 1] ?? null }] : [],
  )
  return { kind, key: keys, isRepeated: repeated, values }
}
