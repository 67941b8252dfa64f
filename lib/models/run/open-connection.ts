import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import pg from "pg"
import { from as copyFrom } from "pg-copy-streams"
import type { SqlFailure, StatementAnswer } from "../adapter/database.ts"

/** A session with the warehouse that gives the server's text for every value. */
export interface WarehouseSession {
  run(sql: string): Promise<StatementAnswer[]>
  /** Runs `copy … from stdin` with rows in its text format. */
  copyIn(sql: string, rows: string): Promise<void>
  /** Stops what is running; the statement fails with 57014. */
  cancel(): Promise<void>
  close(): Promise<void>
}

export interface SessionOptions {
  /** A URL or the fields of a profile's output. */
  connection: pg.ClientConfig
  applicationName: string
  /** `set role`, `search_path` and the like, from the profile. */
  settings?: Readonly<Record<string, string>>
}

const AS_TEXT = { getTypeParser: () => (value: string | Buffer) => String(value) } as unknown as pg.CustomTypesConfig

/** @throws the driver's error when the server cannot be reached or refuses. */
export async function openConnection({
  connection,
  applicationName,
  settings,
}: SessionOptions): Promise<WarehouseSession> {
  const client = new pg.Client({ ...connection, application_name: applicationName, keepAlive: true })
  // A lost session is reported by the statement that it ends.
  client.on("error", () => undefined)
  await client.connect()
  for (const [name, value] of Object.entries(settings ?? {})) {
    await client.query("select set_config($1, $2, false)", [name, value])
  }
  const { rows } = await client.query<{ pid: number }>("select pg_backend_pid() as pid")
  const pid = rows[0]!.pid
  return {
    ...statementsOf(client),
    async cancel() {
      const other = new pg.Client(connection)
      other.on("error", () => undefined)
      await other.connect()
      try {
        await other.query("select pg_cancel_backend($1)", [pid])
      } finally {
        await other.end()
      }
    },
    close: () => client.end(),
  }
}

/** Statements on a session that somebody else opened. */
export function statementsOf(client: pg.ClientBase): Pick<WarehouseSession, "run" | "copyIn"> {
  const { connection } = client as pg.Client
  return {
    async run(sql) {
      const query = { text: sql, rowMode: "array" as const, types: AS_TEXT }
      // Of `CREATE VIEW`, the driver's results keep the first word alone.
      const tags: string[] = []
      const onComplete = ({ text }: { text: string }) => void tags.push(text)
      connection.on("commandComplete", onComplete)
      try {
        const answer = (await client.query(query)) as unknown as Answer | Answer[]
        return (Array.isArray(answer) ? answer : [answer]).map((each, place) => toAnswer(each, tags[place] ?? ""))
      } finally {
        connection.off("commandComplete", onComplete)
      }
    },
    async copyIn(sql, rows) {
      await pipeline(Readable.from([rows]), client.query(copyFrom(sql)))
    },
  }
}

type Answer = pg.QueryArrayResult<(string | null)[]>

function toAnswer({ rowCount, fields, rows }: Answer, tag: string): StatementAnswer {
  return {
    tag,
    rowCount,
    fields: fields.map(({ name, dataTypeID, dataTypeModifier }) => ({
      name,
      oid: dataTypeID,
      modifier: dataTypeModifier,
    })),
    rows,
  }
}

/** The part of a driver's error that may be shown: `detail`, which quotes rows, is left behind. */
export function describeSqlError(error: unknown): SqlFailure {
  if (error instanceof pg.DatabaseError) {
    const { code, hint, position } = error
    // Rows that are copied in have no other place. The context goes on with the value.
    const [, row, column] = /^COPY .*, line (\d+)(?:, column (.*?):)?/.exec(error.where ?? "") ?? []
    const place = row === undefined ? "" : ` (row ${row}${column === undefined ? "" : `, column ${column}`})`
    const message = error.message + place
    return { message, sqlState: code ?? null, hint: hint ?? null, position: position ? Number(position) : null }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { message, sqlState: null, hint: null, position: null }
}
