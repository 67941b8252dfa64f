import path from "node:path"
import { readRunningState } from "#lib/server/running-state.ts"

const ROOT = path.resolve(import.meta.dirname, "..")
const DEFAULT_URL = "http://127.0.0.1:8420"

export interface Settings {
  url: string
  homeDir: string
  workspaceDir: string
  /** Names of connections that the environment or a running Headrace knows, `warehouse` included. */
  connections: string[]
  /** Of HEADRACE_WAREHOUSE_URL, or of what runs here; null: neither. Holds a password. */
  warehouseUrl: string | null
}

/**
 * Where Headrace is and what it works with: the command line, then the environment, then what `npm start` left in the home
 * folder. lib/server/config.ts is no help here: it demands a database, which a command has no business with.
 */
export function readSettings(given: { url?: string | undefined }, env: NodeJS.ProcessEnv = process.env): Settings {
  const homeDir = path.resolve(env.HEADRACE_HOME || path.join(ROOT, ".headrace"))
  const running = readRunningState(homeDir)
  const known = { ...running?.environment, ...env }
  const names = Object.entries(known).flatMap(([name, value]) =>
    name.startsWith("HEADRACE_CONNECTION_") && value ? [name.slice("HEADRACE_CONNECTION_".length).toLowerCase()] : [],
  )
  return {
    url: given.url || env.HEADRACE_URL || running?.url || DEFAULT_URL,
    homeDir,
    workspaceDir: path.resolve(env.HEADRACE_WORKSPACE || path.join(ROOT, "workspace")),
    connections: [...new Set(["warehouse", ...names])],
    warehouseUrl: known.HEADRACE_WAREHOUSE_URL || (known.DATABASE_URL ? besideOf(known.DATABASE_URL) : null),
  }
}

/** Where it is not said, the warehouse is the database of that name on the same server (lib/server/config.ts). */
function besideOf(databaseUrl: string): string | null {
  if (!URL.canParse(databaseUrl)) return null
  const url = new URL(databaseUrl)
  url.pathname = "/warehouse"
  return url.href
}
