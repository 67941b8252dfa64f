import path from "node:path"
import type { Config } from "#lib/server/config.ts"
import { migrate } from "#lib/store/migrate.ts"
import { checkServer, createOwnDatabases } from "./databases.ts"
import { startEmbeddedPostgres } from "./embedded-postgres.ts"
import { shown } from "./paths.ts"
import { say, step } from "./steps.ts"
import { messageOf, UserError } from "./user-error.ts"

/** Times that a crashed server is brought back before everything is stopped. */
const MAX_SERVER_CRASHES = 3

export interface Database {
  /** Variables for the programs that use it. They hold passwords. */
  environment: { DATABASE_URL: string; HEADRACE_WAREHOUSE_URL: string }
  /** Where the demo's shop may be made; null on somebody's own server. */
  shopUrl: string | null
  stop(): Promise<void>
  kill(): void
}

/**
 * Brings up the metadata database and the warehouse with the newest schema: those of DATABASE_URL when it is set, else of an
 * embedded server with its data in the home folder.
 *
 * @throws UserError that says what to do.
 */
export async function startDatabase(
  config: Config,
  ownUrl: string | null,
  givenUp: (reason: string) => void,
): Promise<Database> {
  const database = ownUrl ? await openServer(config) : await startOwnServer(config, givenUp)
  try {
    await step("Metadata schema is up to date", () => migrate(database.environment.DATABASE_URL))
    return database
  } catch (error) {
    await database.stop()
    throw new UserError(messageOf(error), { cause: error })
  }
}

async function openServer({ databaseUrl, warehouseUrl }: Config): Promise<Database> {
  await step(`Database on ${new URL(databaseUrl).host} answers`, () => checkServer(databaseUrl, warehouseUrl))
  return {
    environment: { DATABASE_URL: databaseUrl, HEADRACE_WAREHOUSE_URL: warehouseUrl },
    shopUrl: null,
    stop: async () => {},
    kill: () => {},
  }
}

async function startOwnServer(config: Config, givenUp: (reason: string) => void): Promise<Database> {
  const dataDir = path.join(config.homeDir, "postgres")
  const logFile = path.join(config.homeDir, "logs/postgres.log")
  const start = () => startEmbeddedPostgres(dataDir, { logFile })
  let server = await step(`PostgreSQL runs on ${shown(dataDir)}`, async () => {
    const started = await start()
    await createOwnDatabases(started)
    return started
  })
  let crashes = 0
  const watch = () => {
    void server.failed.then(async (reason) => {
      crashes++
      if (crashes > MAX_SERVER_CRASHES) return givenUp(`PostgreSQL ended unexpectedly: ${reason} (${shown(logFile)})`)
      say("  PostgreSQL ended unexpectedly: starting it again.")
      const { port } = server
      try {
        server = await start()
        if (server.port !== port) throw new UserError(`its port ${port} was taken meanwhile`)
        watch()
      } catch (error) {
        givenUp(`PostgreSQL cannot be started again: ${messageOf(error)}`)
      }
    })
  }
  watch()
  const databaseUrl = server.url("headrace", "headrace")
  return {
    environment: {
      DATABASE_URL: databaseUrl,
      HEADRACE_WAREHOUSE_URL: process.env.HEADRACE_WAREHOUSE_URL || server.url("warehouse", "warehouse"),
    },
    shopUrl: server.url("shop", "shop"),
    stop: () => server.stop(),
    kill: () => server.kill(),
  }
}
