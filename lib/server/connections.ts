import type pg from "pg"

/**
 * Databases that a workspace reaches by name: `warehouse`, and one for each `HEADRACE_CONNECTION_<NAME>` variable.
 * The names are lower case; the URLs stay in this process and never reach author code or a log.
 */
export interface Connections {
  names(): string[]
  /** @throws AppError `connection.unknown` with the names that exist. */
  pool(name: string): pg.Pool
  end(): Promise<void>
}
