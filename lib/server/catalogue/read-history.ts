import type { HistoryKeys, RowVersions, TableAsOf } from "#lib/contracts/api/samples.ts"
import type { SnapshotDocument } from "#lib/contracts/dataset-document.ts"
import { AppError } from "#lib/domain/errors.ts"
import { quoteIdentifier } from "#lib/engines/postgres/quote-identifier.ts"
import { type OpenRows, openRows, type RowsPlace, readTexts } from "./open-rows.ts"

const MAX_KEYS = 20
const MAX_VERSIONS = 200
const MAX_ROWS = 50

/** A dataset that keeps versions of its rows (SCD type 2), by columns that its table has. */
interface VersionedRows extends OpenRows {
  keys: string[]
  /** Quoted. */
  key: string
  from: string
  until: string
  deleted: string
  /** Positions of the columns that are about what the row describes. */
  described: number[]
}

/**
 * Keys that begin with `q`, those with most versions first. Keys of which a part is masked are not listed.
 * @throws AppError `dataset.no_history`
 */
export async function readHistoryKeys(place: RowsPlace, q: string): Promise<HistoryKeys> {
  return withVersions(place, async ({ client, table, keys, key, columns }) => {
    if (columns.some(({ name, maskedBy }) => maskedBy !== null && keys.includes(name))) {
      return {
        keys,
        items: [],
        reason: "The key is personal data, so keys are not listed; a key that you know is found.",
      }
    }
    const rows = await readTexts(
      client,
      `select ${key} as key, count(*)::text from ${table}
       where starts_with(lower(${key}), lower($1))
       group by 1 order by count(*) desc, 1 limit ${MAX_KEYS}`,
      [q],
    )
    return {
      keys,
      items: rows.map(([value, versions]) => ({ key: value ?? "", versions: Number(versions) })),
      reason: null,
    }
  })
}

/** The newest versions of a row, oldest first; none for a key that is not there. @throws AppError `dataset.no_history` */
export async function readRowVersions(place: RowsPlace, wanted: string): Promise<RowVersions> {
  return withVersions(place, async (rows) => {
    const { client, table, keys, from, until, deleted, columns, shown, described } = rows
    // Compared in the database: of masked columns, too, it is told that they changed, and not from what to what.
    const changes = described.map((position) => {
      const value = `${quoteIdentifier(columns[position]!.name)}::text`
      return `(${value} is distinct from lag(${value}) over (order by ${from}, ${until}))::text`
    })
    const wantedKey = await typedKey(rows, wanted)
    const found =
      wantedKey &&
      (await readTexts(
        client,
        `select ${instant(from)}, case when not ${isCurrent(until)} then ${instant(until)} end, (${deleted})::text,
                ${[...changes, ...shown].join(", ")}
         from ${table}
         where ${wantedKey.condition}
         order by ${from} desc, ${until} desc
         limit ${MAX_VERSIONS + 1}`,
        wantedKey.values,
      ))
    if (!found) return { keys, columns, versions: [], isCut: false }
    const versions = found.slice(0, MAX_VERSIONS).reverse()
    return {
      keys,
      columns,
      versions: versions.map(([validFrom, validTo, isDeleted, ...rest], index) => ({
        validFrom: validFrom!,
        validTo: validTo ?? null,
        isDeleted: isDeleted === "true",
        values: rest.slice(changes.length),
        changed: index === 0 ? [] : described.filter((_, place_) => rest[place_] === "true"),
      })),
      isCut: found.length > MAX_VERSIONS,
    }
  })
}

/** The table as it was at an instant: the version of each row that held then. @throws AppError `dataset.no_history` */
export async function readTableAsOf(place: RowsPlace, at: string): Promise<TableAsOf> {
  return withVersions(place, async ({ client, table, columns, shown, from, until, deleted }) => {
    const held = `${from}::timestamptz <= $1 and (${until} is null or ${until}::timestamptz > $1) and not (${deleted})`
    const [[total] = []] = await readTexts(client, `select count(*)::text from ${table} where ${held}`, [at])
    const rows = await readTexts(client, `select ${shown} from ${table} where ${held} limit ${MAX_ROWS}`, [at])
    return { columns, rows, isCut: Number(total) > rows.length, exists: true, total: Number(total) }
  })
}

/** Compared in the types of the columns, so that an index is used; null for a text that no key can be. */
async function typedKey(
  { client, keys, columns }: VersionedRows,
  wanted: string,
): Promise<{ condition: string; values: string[] } | null> {
  const values = keys.length === 1 ? [wanted] : wanted.split("|")
  if (values.length !== keys.length) return null
  const types = keys.map((key) => columns.find(({ name }) => name === key)!.type)
  const [row] = await readTexts(
    client,
    "select bool_and(pg_input_is_valid(w.value, w.type))::text from unnest($1::text[], $2::text[]) as w (value, type)",
    [values, types],
  )
  if (row?.[0] !== "true") return null
  const condition = keys.map((key, index) => `${quoteIdentifier(key)} = $${index + 1}::${types[index]}`).join(" and ")
  return { condition, values }
}

async function withVersions<Result>(place: RowsPlace, work: (rows: VersionedRows) => Promise<Result>): Promise<Result> {
  const result = await openRows(place, (rows, document) => {
    if (!document?.snapshot) {
      const message = `${place.id} keeps no versions of its rows; snapshots do, and models with scd2 in their meta.`
      throw new AppError("dataset.no_history", message)
    }
    return work(versioned(place.id, rows, document.snapshot))
  })
  if (result) return result
  throw new AppError("dataset.no_history", `The warehouse has no table ${place.id} yet; run what builds it.`)
}

/** Names come from a project: only those that the table has get into a statement, so that no text of it is run here. */
function versioned(id: string, rows: OpenRows, snapshot: SnapshotDocument): VersionedRows {
  const names = new Map(rows.columns.map(({ name }) => [name.toLowerCase(), name]))
  const column = (written: string) => {
    const name = names.get(written.replace(/^"(.*)"$/, "$1").toLowerCase())
    if (name !== undefined) return name
    const message = `${id} has no column ${written}; versions can be followed by keys and times that are columns.`
    throw new AppError("dataset.no_history", message)
  }
  const keys = snapshot.keys.map(column)
  const isDeleted = names.get(snapshot.isDeleted?.toLowerCase() ?? "")
  const bookkeeping = new Set(snapshot.bookkeeping.map((name) => name.toLowerCase()))
  return {
    ...rows,
    keys,
    key: `concat_ws('|', ${keys.map((name) => `${quoteIdentifier(name)}::text`).join(", ")})`,
    from: quoteIdentifier(column(snapshot.validFrom)),
    until: quoteIdentifier(column(snapshot.validTo)),
    // dbt writes the texts True and False.
    deleted: isDeleted === undefined ? "false" : `coalesce(${quoteIdentifier(isDeleted)}::text ilike 'true', false)`,
    described: rows.columns.flatMap(({ name }, position) => (bookkeeping.has(name.toLowerCase()) ? [] : [position])),
  }
}

/** Until forever: null, or a day that is to come, as 9999-12-31. */
function isCurrent(until: string): string {
  return `(${until} is null or ${until}::timestamptz > now())`
}

/** The session's zone is UTC, which is also what times without a zone are taken for. */
function instant(column: string): string {
  return `to_char(${column}::timestamptz at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
}
