import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from "node:fs"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { UserError } from "./user-error.ts"

/** Postgres shuts down within milliseconds; a checkpoint of much dirty memory on a slow disk takes seconds. */
const FAST_SHUTDOWN_MS = 20_000

/**
 * Makes a data directory free to be started: a server that outlived its `npm start` is stopped, a stale lock file is
 * removed. The file is never removed while a process still works in the directory, because two servers on one directory
 * destroy it.
 */
export async function stopLeftoverServer(dataDir: string): Promise<void> {
  const lock = readLockFile(dataDir)
  if (!lock) return
  if (isServerOf(lock.pid, dataDir)) return stopServer(lock.pid, dataDir)
  const deadline = Date.now() + FAST_SHUTDOWN_MS
  while (processesIn(dataDir).length > 0) {
    if (Date.now() > deadline) {
      const pids = processesIn(dataDir).join(", ")
      throw new UserError(`Processes ${pids} still use the database in ${dataDir}: end them and start again.`)
    }
    await delay(20)
  }
  rmSync(path.join(dataDir, "postmaster.pid"), { force: true })
}

/** Stops a server the fast way (sessions are ended, data is flushed), and at once if that takes too long. */
export async function stopServer(pid: number, dataDir: string): Promise<void> {
  signal(pid, "SIGINT")
  const deadline = Date.now() + FAST_SHUTDOWN_MS
  while (isServerOf(pid, dataDir)) {
    if (Date.now() > deadline) signal(pid, "SIGQUIT")
    await delay(10)
  }
}

/** `isReady` once the server accepts connections. */
export function readLockFile(dataDir: string): { pid: number; port: number; isReady: boolean } | null {
  try {
    // https://www.postgresql.org/docs/18/storage-file-layout.html: pid, directory, start, port, socket, host, shmem, status
    const lines = readFileSync(path.join(dataDir, "postmaster.pid"), "utf8").split("\n")
    return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]), isReady: lines[7]?.trim() === "ready" }
  } catch {
    return null
  }
}

/** Whether that process lives and works in this data directory: process ids are used again, in containers often. */
function isServerOf(pid: number, dataDir: string): boolean {
  if (!Number.isInteger(pid) || pid < 2) return false
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const state = stat.slice(stat.lastIndexOf(")") + 2)[0]
    return state !== "Z" && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(dataDir)
  } catch {
    return false
  }
}

function processesIn(dataDir: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => isServerOf(pid, dataDir))
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // Gone already, which is what was wanted.
  }
}
