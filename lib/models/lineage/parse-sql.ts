import { hasSqlDetails, loadModule, type ParseResult, parseSync } from "libpg-query"

/** SQL that Postgres would not parse; the position is 1-based, in the text as given. */
export class SqlSyntaxError extends Error {
  override readonly name = "SqlSyntaxError"
  readonly line: number
  readonly column: number

  constructor(message: string, position: SqlPosition) {
    super(`${message}, in line ${position.line}, column ${position.column}`)
    this.line = position.line
    this.column = position.column
  }
}

/** Both 1-based; columns count characters. */
export interface SqlPosition {
  line: number
  column: number
}

/** Must be awaited once before anything here is called: Postgres' parser is compiled code that is loaded asynchronously. */
export async function loadSqlParser(): Promise<void> {
  await loadModule()
}

/** @throws SqlSyntaxError */
export function parseSql(sql: string): ParseResult {
  try {
    return parseSync(sql)
  } catch (error) {
    if (!hasSqlDetails(error)) throw error
    const { message = error.message, cursorPosition = 0 } = error.sqlDetails ?? {}
    throw new SqlSyntaxError(message, positionAfter([...sql].slice(0, cursorPosition).join("")))
  }
}

/** The place of a byte of the UTF-8 text, which is what the parse tree's locations count. */
export function positionOfByte(sql: string, byte: number): SqlPosition {
  return positionAfter(Buffer.from(sql, "utf8").toString("utf8", 0, byte))
}

function positionAfter(before: string): SqlPosition {
  const lines = before.split("\n")
  return { line: lines.length, column: [...lines.at(-1)!].length + 1 }
}
