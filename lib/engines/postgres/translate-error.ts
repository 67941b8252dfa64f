import pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import { SQL_STATE } from "./sql-state.ts"

/** What was going on when the driver failed. */
export interface ErrorContext {
  /** Name of the connection; its URL is never part of a message. */
  connection: string
  /** `file:line` or `text:line` of the statement. */
  where?: string | null
}

/**
 * The driver's error as an {@link AppError} that names the connection and says what to do. Values of rows, which
 * Postgres puts into its messages, are left out. Errors that are not the driver's are returned as they are.
 */
export function translateError(error: unknown, context: ErrorContext): unknown {
  if (error instanceof AppError || !(error instanceof Error)) return error
  if (error instanceof pg.DatabaseError) return translateDatabaseError(error, context)
  return translateSocketError(error, context)
}

/** True for SQL errors that a second try may not meet: locks, restarts, resources, broken connections. */
export function isTransientState(code: string): boolean {
  const transient: string[] = [
    SQL_STATE.serializationFailure,
    SQL_STATE.deadlockDetected,
    SQL_STATE.lockNotAvailable,
    SQL_STATE.idleInTransactionTimeout,
  ]
  return (
    transient.includes(code) ||
    code.startsWith(SQL_STATE.connectionFailureClass) ||
    code.startsWith(SQL_STATE.insufficientResourcesClass) ||
    code.startsWith(SQL_STATE.operatorInterventionClass)
  )
}

function translateDatabaseError(error: pg.DatabaseError, context: ErrorContext): AppError {
  const code = error.code ?? ""
  const where = context.where ?? null
  const name = context.connection
  const common = { cause: error, where, details: { sqlState: code, connection: name } }
  if (code === SQL_STATE.invalidPassword || code === SQL_STATE.invalidAuthorization) {
    const message = `Connection "${name}" was refused: wrong user or password; correct ${variableOf(name)}.`
    return new AppError("connection.failed", message, { ...common, kind: "config" })
  }
  if (code === SQL_STATE.unknownDatabase) {
    const message = `Connection "${name}" names a database that does not exist; correct ${variableOf(name)} or create it.`
    return new AppError("connection.failed", message, { ...common, kind: "config" })
  }
  if (isConnectionState(code)) {
    const message = `Connection "${name}" was lost or is not accepting sessions (${withoutValues(error.message)}); it is tried again.`
    return new AppError("connection.failed", message, { ...common, kind: "transient", retry: "later" })
  }
  if (code === SQL_STATE.queryCanceled) {
    const message = `A statement on "${name}" ran into a time limit of the server (${error.message}); raise it or make the statement lighter.`
    return new AppError("engine.timeout", message, { ...common, kind: "transient", retry: "later" })
  }
  if (code.startsWith(SQL_STATE.dataExceptionClass) || code === SQL_STATE.notNullViolation) {
    return new AppError("data.invalid_row", dataMessage(error), { ...common, kind: "data" })
  }
  const kind = code.startsWith(SQL_STATE.integrityViolationClass)
    ? "data"
    : isTransientState(code)
      ? "transient"
      : "code"
  const retry = isTransientState(code) ? "later" : "never"
  return new AppError("sql.failed", sqlMessage(error, name), { ...common, kind, retry })
}

function isConnectionState(code: string): boolean {
  const states: string[] = [
    SQL_STATE.tooManyConnections,
    SQL_STATE.adminShutdown,
    SQL_STATE.crashShutdown,
    SQL_STATE.cannotConnectNow,
  ]
  return states.includes(code) || code.startsWith(SQL_STATE.connectionFailureClass)
}

/** `COPY stage, line 3, column total: "abc"` tells where; the value stays out. */
function dataMessage(error: pg.DatabaseError): string {
  const context = /^COPY [^,]+, line (\d+)(?:, column ([^:\n]+))?/m.exec(error.where ?? "")
  const column = context?.[2] ?? error.column
  const place = [context ? `line ${context[1]}` : null, column ? `column "${column}"` : null].filter(Boolean).join(", ")
  return `A row does not fit${place ? ` (${place})` : ""}: ${withoutValues(error.message)}. Correct the data or the column's type.`
}

function sqlMessage(error: pg.DatabaseError, connection: string): string {
  const hint = error.hint ? ` ${withoutValues(error.hint)}` : ""
  if (error.code === SQL_STATE.insufficientPrivilege) {
    return `Connection "${connection}" lacks a right: ${error.message}; grant it to the connection's role.`
  }
  if (error.code === SQL_STATE.uniqueViolation) {
    return `Two rows have the same key: ${withoutValues(error.message)} on table "${error.table ?? "?"}".`
  }
  return `SQL failed: ${error.message}.${hint}`
}

/** Takes out what stands in quotes after a colon or after `value`, which is where Postgres repeats the offending value. */
function withoutValues(message: string): string {
  return message
    .replace(/:\s*".*"/gs, "")
    .replace(/^value ".*" is/s, "value is")
    .replace(/\s*\.$/, "")
}

const SOCKET_ERRORS: Record<string, string> = {
  ECONNREFUSED: "nothing listens there",
  ENOTFOUND: "its host name is unknown",
  EAI_AGAIN: "its host name could not be looked up",
  ETIMEDOUT: "it did not answer in time",
  EHOSTUNREACH: "its host cannot be reached",
  ENETUNREACH: "its network cannot be reached",
  ECONNRESET: "the connection broke",
  EPIPE: "the connection broke",
  ENOENT: "its socket does not exist",
  EACCES: "its socket may not be opened",
}

/** The driver's own errors have no code, only these texts (pg 8, lib/client.js and pg-pool). */
const DRIVER_MESSAGES: [RegExp, string][] = [
  [
    /^(timeout expired|timeout exceeded when trying to connect|Connection terminated due to connection timeout)$/,
    "it did not answer in time",
  ],
  [/^(Connection terminated|Client has encountered a connection error|Client was closed)/, "the connection broke"],
  [/^The server does not support SSL connections$/, "its server offers no encryption"],
]

/** Network errors of anything but sockets and name look-ups, such as a file that is not there, are not ours. */
const SOCKET_CALLS = ["connect", "read", "write", "getaddrinfo"]

function translateSocketError(error: Error, context: ErrorContext): unknown {
  const { code = "", syscall } = error as NodeJS.ErrnoException
  // Node tries every address of a name and then throws all failures together, without a system call of its own.
  const isSocket = error instanceof AggregateError || (syscall !== undefined && SOCKET_CALLS.includes(syscall))
  const reason = isSocket ? SOCKET_ERRORS[code] : DRIVER_MESSAGES.find(([pattern]) => pattern.test(error.message))?.[1]
  if (!reason) return error
  const message = `Connection "${context.connection}" failed: ${reason}; check ${variableOf(context.connection)} and its server.`
  return new AppError("connection.failed", message, {
    kind: "transient",
    retry: "later",
    cause: error,
    where: context.where ?? null,
    details: { connection: context.connection, errno: code },
  })
}

/** Environment variable that holds the connection's URL. */
function variableOf(connection: string): string {
  return connection === "warehouse" ? "HEADRACE_WAREHOUSE_URL" : `HEADRACE_CONNECTION_${connection.toUpperCase()}`
}
