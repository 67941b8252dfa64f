import pg from "pg"
import { columnDefinitions } from "./catalog.ts"
import { invalidRow } from "./csv-scanner.ts"
import { STAGE, type StageColumn } from "./partition-stage.ts"
import { quoteList, quoteLiteral } from "./quote-identifier.ts"
import { SQL_STATE } from "./sql-state.ts"
import { translateError } from "./translate-error.ts"

/** How a CSV file is written. */
export interface CsvFormat {
  delimiter: string
  nullText: string
  header: boolean
}

/**
 * The stage for rows that fail the load when they do not fit: typed, so that COPY itself refuses them, and says in which
 * line; keyed, so that it refuses a key that is null or comes twice. `writePartition` reads it as any other stage.
 */
export async function createCsvStage(
  client: pg.ClientBase,
  columns: readonly StageColumn[],
  keys: readonly string[],
): Promise<void> {
  const key = keys.length > 0 ? `, primary key (${quoteList(keys)})` : ""
  await client.query(
    `create temporary table headrace_stage (${columnDefinitions(columns)}, _headrace_reason text${key})`,
  )
}

export function csvCopyStatement(columns: readonly StageColumn[], format: CsvFormat): string {
  const options = [
    "format csv",
    "encoding 'UTF8'",
    `header ${format.header ? "match" : "false"}`,
    `delimiter ${quoteLiteral(format.delimiter)}`,
    `null ${quoteLiteral(format.nullText)}`,
  ]
  return `copy ${STAGE} (${quoteList(columns.map(({ name }) => name))}) from stdin (${options.join(", ")})`
}

/** What COPY said about a file, with the file's line, what is wrong and what to do; values of rows are left out. */
export function csvError(error: unknown, file: string, keys: readonly string[]): unknown {
  if (!(error instanceof pg.DatabaseError)) return error
  const line = /^COPY [^,]+, line (\d+)/m.exec(error.where ?? "")?.[1]
  const where = line ? `${file}:${line}` : file
  switch (error.code) {
    case SQL_STATE.badCopyFileFormat:
      return formatError(error, where)
    case SQL_STATE.uniqueViolation:
      return invalidRow(where, `an earlier row has the same ${keys.join(", ")}`, "Correct the file or `keys`.", error)
    case SQL_STATE.notNullViolation:
      return invalidRow(where, `the key "${error.column}" is empty`, "Correct the file or `keys`.", error)
  }
  return translateError(error, { connection: "warehouse", where })
}

function formatError(error: pg.DatabaseError, where: string) {
  if (/header/.test(error.message)) {
    // Where there is no header, what it got is data.
    const reason = error.message.replace(/got ".*", expected/s, "expected")
    const advice = "Name the file's columns in their order in `columns`, or correct `delimiter` or `header`."
    return invalidRow(where, reason, advice, error)
  }
  const advice = "Each row needs one field for each column; a field with a delimiter or line break stands in quotes."
  return invalidRow(where, error.message, advice, error)
}
