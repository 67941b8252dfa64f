/** A column of an answer, with the type's OID in pg_type. */
export interface AnswerField {
  name: string
  oid: number
  /** What the type is narrowed to (`numeric(10,2)`), or -1. */
  modifier: number
}

/** What one statement came to. Values are the server's text. */
export interface StatementAnswer {
  /** The server's word for it: `CREATE VIEW`, `SELECT 100`, `INSERT 0 5`; empty where the text held no statement. */
  tag: string
  rowCount: number | null
  fields: readonly AnswerField[]
  rows: readonly (readonly (string | null)[])[]
}

/** A failed statement, as it crosses from the thread that has the connection. */
export interface SqlFailure {
  message: string
  sqlState: string | null
  hint: string | null
  /** Place in the text that was sent, counted from 1 in characters; null where the server names none. */
  position: number | null
}

/**
 * A session with the warehouse that answers before it returns. Templates need this: a macro that asks the database goes on with
 * the answer in the same expression.
 */
export interface SyncDatabase {
  /**
   * Runs one statement or several with semicolons between; one answer each. Outside of a transaction that `begin` opened,
   * several are one transaction. @throws SqlError
   */
  run(sql: string): readonly StatementAnswer[]
  /** Runs `copy … from stdin` with rows in its text format. @throws SqlError */
  copyIn(sql: string, rows: string): void
}

/** A statement that the server refused. `message` is the server's first line and may name objects, never values of rows. */
export class SqlError extends Error {
  override readonly name = "SqlError"
  readonly sqlState: string | null
  readonly hint: string | null
  readonly position: number | null
  /** What was sent. */
  readonly sql: string

  constructor(failure: SqlFailure, sql: string) {
    super(failure.message)
    this.sqlState = failure.sqlState
    this.hint = failure.hint
    this.position = failure.position
    this.sql = sql
  }
}
