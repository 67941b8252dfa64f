import { openStore, type Store } from "../store/client.ts"
import { type Config, readConfig } from "./config.ts"
import { type Connections, createConnections } from "./connections.ts"
import { log } from "./log.ts"

export interface Container {
  config: Config
  store: Store
  connections: Connections
}

const holder = globalThis as typeof globalThis & { headraceContainer?: Promise<Container> }

/**
 * What the web process works with, opened on first use and once per process (Next evaluates modules several times, so it
 * hangs on globalThis). A failed opening is not remembered: the next request tries again.
 */
export function getContainer(): Promise<Container> {
  holder.headraceContainer ??= openContainer("headrace-web").catch((error: unknown) => {
    delete holder.headraceContainer
    throw error
  })
  return holder.headraceContainer
}

/** Opens store and connections for one process. The schema must be migrated (the start script and the worker do it). */
export async function openContainer(
  applicationName: "headrace-web" | "headrace-worker",
  config: Config = readConfig(),
): Promise<Container> {
  log.level = config.logLevel
  const store = await openStore({
    databaseUrl: config.databaseUrl,
    applicationName,
    ...(applicationName === "headrace-worker" && { plans: "generic" as const }),
    onError: (error) => log.warn({ error: error.message }, "database connection trouble"),
  })
  return { config, store, connections: createConnections(config) }
}
