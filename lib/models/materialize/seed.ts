import { readFileSync } from "node:fs"
import path from "node:path"
import { CsvError, parse } from "csv-parse/sync"
import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { AdapterResponse } from "../adapter/adapter-response.ts"
import { readColumns } from "../adapter/catalog.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import type { Relation } from "../relation/relation.ts"
import { inFrame } from "./frame.ts"
import { inferSeedType, isSeedNull, toNumberText } from "./infer-types.ts"
import type { MaterializeSession } from "./session.ts"
import { besides, findPlace, swap } from "./swap.ts"

interface SeedColumn {
  name: string
  quoted: string
  type: string
  isNumber: boolean
}

/**
 * Loads a CSV file into a table by COPY. A table that is there keeps its place and its rights and gets all rows anew, in one
 * transaction; in a full refresh it is built anew.
 *
 * @throws AppError `data.invalid_row` for a file that is no CSV; `model.invalid` where the table has other columns.
 */
export function materializeSeed(session: MaterializeSession, folder: string, file: string) {
  const { header, rows } = readCsv(session, folder, file)
  assertHeader(session, header, file)
  const columns = header.map((name, place) =>
    columnOf(
      session,
      name,
      rows.map((row) => row[place] ?? ""),
    ),
  )
  return inFrame(session, () => {
    const place = findPlace(session)
    const { existing } = place
    if (existing?.type === "table" && !session.isFullRefresh) {
      assertColumns(session, existing, columns)
      session.database.run(`delete from ${existing.render()}`)
      copy(session, existing, columns, rows)
      return { relation: existing, response: inserted(rows.length) }
    }
    const built = besides(session, "table", place)
    const definitions = columns.map(({ quoted, type }) => `${quoted} ${type}`)
    session.database.run(`create table ${built.render()} (${definitions.join(", ")})`)
    copy(session, built, columns, rows)
    session.callMacro("create_indexes", [built])
    return { relation: swap(session, built, place), response: inserted(rows.length) }
  })
}

function readCsv(session: MaterializeSession, folder: string, file: string): { header: string[]; rows: string[][] } {
  const delimiter = session.config("delimiter")
  try {
    const [header = [], ...rows] = parse(readFileSync(path.join(folder, file)), {
      bom: true,
      delimiter: delimiter === null ? "," : toText(delimiter),
      skip_empty_lines: true,
    }) as string[][]
    return { header: header.map((name) => name.trim()), rows }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const line = error instanceof CsvError && typeof error.lines === "number" ? `:${error.lines}` : ""
    throw new AppError("data.invalid_row", `Seed ${session.name} is no valid CSV file: ${message}.`, {
      kind: "data",
      where: file + line,
      cause: error,
    })
  }
}

/** @throws AppError `data.invalid_row` for a header that is missing, or names that are missing or come twice. */
function assertHeader(session: MaterializeSession, header: readonly string[], file: string): void {
  const fail = (message: string): never => {
    throw new AppError("data.invalid_row", `Seed ${session.name} ${message}`, { kind: "data", where: `${file}:1` })
  }
  if (header.length === 0) fail("has no header. Name its columns in the first line of the file.")
  const seen = new Set<string>()
  for (const [place, name] of header.entries()) {
    if (name === "") fail(`gives its column ${place + 1} no name.`)
    const quoted = quotedName(session, name)
    const known = quoted === name ? name.toLowerCase() : name
    if (seen.has(known)) fail(`names column ${name} twice.`)
    seen.add(known)
  }
}

function quotedName(session: MaterializeSession, name: string): string {
  const quotes = session.config("quote_columns")
  return quotes === null || isTrue(quotes) ? quoteIdentifier(name) : name
}

function columnOf(session: MaterializeSession, name: string, values: readonly string[]): SeedColumn {
  const types = session.config("column_types")
  const wished = types instanceof Dict ? (types.get(name) ?? null) : null
  const inferred = inferSeedType(values)
  return {
    name,
    quoted: quotedName(session, name),
    type: wished === null ? inferred : toText(wished),
    // Where a type is wished for, the server reads the text.
    isNumber: wished === null && (inferred === "integer" || inferred === "bigint" || inferred === "float8"),
  }
}

function copy(session: MaterializeSession, table: Relation, columns: readonly SeedColumn[], rows: readonly string[][]) {
  const names = columns.map(({ quoted }) => quoted).join(", ")
  const lines = rows.map((row) => columns.map((column, place) => field(row[place] ?? "", column)).join("\t"))
  session.database.copyIn(`copy ${table.render()} (${names}) from stdin`, lines.map((line) => `${line}\n`).join(""))
}

/** A value in COPY's text format. */
function field(value: string, { isNumber }: SeedColumn): string {
  if (isSeedNull(value)) return "\\N"
  const text = isNumber ? (toNumberText(value) ?? value) : value
  return text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character]!)
}

const ESCAPES: Readonly<Record<string, string>> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }

function assertColumns(session: MaterializeSession, existing: Relation, columns: readonly SeedColumn[]): void {
  const there = new Set(readColumns(session.database, existing).map(({ quoted }) => quoted))
  const missing = columns.filter(
    ({ quoted }) => !there.has(quoted) && !there.has(quoteIdentifier(quoted.toLowerCase())),
  )
  if (missing.length === 0) return
  const names = missing.map(({ name }) => name).join(", ")
  const message = `Seed ${session.name} has columns that its table lacks: ${names}. Run it with --full-refresh to build the table anew.`
  throw new AppError("model.invalid", message, { kind: "data" })
}

function inserted(rows: number): AdapterResponse {
  return new AdapterResponse(`INSERT ${rows}`, "INSERT", rows)
}
