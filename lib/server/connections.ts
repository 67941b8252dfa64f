import pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import { ensureDatabase } from "#lib/engines/postgres/ensure-database.ts"
import { QuietClient } from "#lib/store/quiet-client.ts"
import type { Config } from "./config.ts"

/**
 * Databases that a workspace reaches by name: `warehouse`, and one for each `HEADRACE_CONNECTION_<NAME>` variable.
 * The names are lower case; the URLs stay in this process and never reach author code or a log.
 */
export interface Connections {
  names(): string[]
  /** @throws AppError `connection.unknown` with the names that exist. */
  pool(name: string): pg.Pool
  /** URL of `HEADRACE_NOTIFY_<NAME>`, or null: the channel exists in Headrace alone. Holds secrets. */
  notifyUrl(channel: string): string | null
  /** `HEADRACE_ENV_<NAME>` for `{{env.NAME}}` in requests, or null. Holds secrets. */
  variable(name: string): string | null
  end(): Promise<void>
}

/** Name of the connection to the warehouse. */
export const WAREHOUSE = "warehouse"

/** A connection attempt ends after this; waiting for a free connection of the pool does not. */
const CONNECT_TIMEOUT_MS = 10_000
const IDLE_TIMEOUT_MS = 30_000

/**
 * Pools are opened on first use, with a connection for each task the worker runs at a time. The one more lets a task that
 * reads and writes through the same name go on when all others hold theirs, so that none waits for ever. The warehouse's
 * database is created when it is missing.
 */
export function createConnections(
  config: Pick<Config, "warehouseUrl" | "connectionUrls" | "notifyUrls" | "authorVariables" | "workerSlots">,
): Connections {
  const urls: Record<string, string> = { ...config.connectionUrls, [WAREHOUSE]: config.warehouseUrl }
  const pools = new Map<string, pg.Pool>()
  return {
    names: () => Object.keys(urls).sort(),
    pool(name) {
      const open = pools.get(name)
      if (open) return open
      const url = Object.hasOwn(urls, name) ? urls[name] : undefined
      if (!url) throw unknownConnection(name, Object.keys(urls))
      const pool = createPool(url, config.workerSlots + 1, name === WAREHOUSE)
      pools.set(name, pool)
      return pool
    },
    notifyUrl: (channel) => (Object.hasOwn(config.notifyUrls, channel) ? config.notifyUrls[channel]! : null),
    variable(name) {
      const key = name.toLowerCase()
      return Object.hasOwn(config.authorVariables, key) ? config.authorVariables[key]! : null
    },
    async end() {
      const open = [...pools.values()]
      pools.clear()
      await Promise.all(open.map((pool) => pool.end()))
    },
  }
}

function unknownConnection(name: string, known: string[]): AppError {
  const message = `There is no connection "${name}"; set HEADRACE_CONNECTION_${name.toUpperCase()} or use one of ${known.sort().join(", ")}.`
  return new AppError("connection.unknown", message, { kind: "config" })
}

function createPool(url: string, max: number, createsDatabase: boolean): pg.Pool {
  const settings: pg.ClientConfig = {
    connectionString: url,
    application_name: "headrace",
    keepAlive: true,
    // Given to the pool, this would also limit the wait for a free connection, which may rightly be long.
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  }
  class Client extends QuietClient {
    constructor() {
      super(settings)
    }
  }
  if (createsDatabase) Client.prototype.connect = connectAfter(() => databaseExists(url))
  const pool = new pg.Pool({
    connectionString: url,
    max,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    allowExitOnIdle: true,
    Client: Client as never,
  })
  // A connection that breaks while idle is replaced at its next use; without a listener it would end the process.
  pool.on("error", () => {})
  return pool
}

/** `connect` that does something first. The pool passes a callback, everyone else awaits. */
function connectAfter(prepare: () => Promise<void>): pg.Client["connect"] {
  type Callback = (error: Error | null, client?: pg.Client) => void
  function connect(this: pg.Client, callback?: Callback): Promise<pg.Client> {
    const connected = prepare()
      .then(() => (pg.Client.prototype.connect as () => Promise<unknown>).call(this))
      .then(() => this)
    if (callback) connected.then((client) => callback(null, client), callback)
    return connected
  }
  return connect as pg.Client["connect"]
}

/** Databases known to exist, or being created, by URL. */
const known = new Map<string, Promise<void>>()

function databaseExists(url: string): Promise<void> {
  let answer = known.get(url)
  if (!answer) {
    answer = ensureDatabase(url)
    known.set(url, answer)
    // A failure is not remembered: the server may come up, or the password be corrected.
    answer.catch(() => known.delete(url))
  }
  return answer
}
