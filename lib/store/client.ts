import { PrismaPg } from "@prisma/adapter-pg"
import pg from "pg"
import { PgBoss } from "pg-boss"
import { PrismaClient } from "../generated/prisma/client.ts"
import { ensureQueues } from "./queue.ts"
import { QuietClient } from "./quiet-client.ts"

/** Everything that reads or writes Headrace's own database: one pool shared by SQL, Prisma and the queue. */
export interface Store {
  pool: pg.Pool
  prisma: PrismaClient
  boss: PgBoss
  close(): Promise<void>
}

export interface StoreOptions {
  databaseUrl: string
  /** Shown in pg_stat_activity: `headrace-worker`, `headrace-web`. */
  applicationName: string
  /** Connections of this process. */
  maxConnections?: number
  /** `generic`: for a process that runs the same statements thousands of times a second, each of which has its index. */
  plans?: "generic"
  onError: (error: Error) => void
}

/**
 * Bounds of one statement and of one silence inside a transaction. A connection that a router has forgotten never answers,
 * a process that is stopped inside a transaction keeps its locks, and somebody's open `psql` may hold a row: none of these
 * may hold up the rest. What is cut off is tried again by whoever asked.
 */
const LIMITS = {
  lock_timeout: 5_000,
  statement_timeout: 25_000,
  query_timeout: 30_000,
  idle_in_transaction_session_timeout: 30_000,
}

/**
 * Plans are made once a connection and always by index. Planning a statement anew for its values costs more than running it
 * (measured: a fifth of the server's time), and what statistics say of tables that live for a minute is misleading.
 */
const GENERIC_PLANS = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c enable_bitmapscan=off"

/**
 * Opens the store. The schema must be migrated already. A lost connection is no reason to exit: idle clients that break
 * are reported and replaced.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl,
    application_name: options.applicationName,
    max: options.maxConnections ?? 16,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    ...LIMITS,
    Client: QuietClient,
    ...(options.plans === "generic" && { options: GENERIC_PLANS }),
  })
  pool.on("error", options.onError)
  const boss = new PgBoss({
    db: { executeSql: (text: string, values?: unknown[]) => pool.query(text, values) },
    // Retention and liveness are ours (jobs are deleted when claimed); nothing of pg-boss needs to run in the background.
    supervise: false,
    schedule: false,
    registerInstance: false,
  })
  boss.on("error", options.onError)
  await boss.start()
  await ensureQueues(boss, pool)
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  return {
    pool,
    prisma,
    boss,
    async close() {
      await boss.stop({ graceful: false })
      await prisma.$disconnect()
      await pool.end()
    },
  }
}
