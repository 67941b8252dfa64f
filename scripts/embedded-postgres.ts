import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { createHmac, randomBytes } from "node:crypto"
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs"
import path from "node:path"
import { setTimeout as delay } from "node:timers/promises"
import { openLog, sizeOf, tail } from "./log-file.ts"
import { freePort, isPortFree } from "./ports.ts"
import { type Account, serverAccount, serverPrograms } from "./postgres-account.ts"
import { readLockFile, stopLeftoverServer, stopServer } from "./postmaster.ts"
import { errorCode, UserError } from "./user-error.ts"

/** Crash recovery replays at most `max_wal_size` (1 GB), which a slow disk reads in well under this. */
const READY_WITHIN_MS = 300_000

/** Kept with the data, readable by its owner alone. */
interface ServerFile {
  /** 0 until the first start. */
  port: number
  password: string
}

export interface EmbeddedPostgres {
  port: number
  /** URL of one database for a role, the superuser `postgres` when none is named. */
  url(database: string, role?: string): string
  /** The password a role has, or is to be given: derived from the server's own, so that there is one secret to keep. */
  passwordOf(role: string): string
  /** Settles with the last words of the log when the server ends without having been asked to. */
  failed: Promise<string>
  /** Ends all sessions, flushes and waits until the server is gone. */
  stop(): Promise<void>
  /** Ends at once, without flushing: the next start recovers from the write-ahead log. */
  kill(): void
}

/**
 * Starts the PostgreSQL that npm installed on a data directory, which is made when it is missing; a server left over by
 * a killed start is stopped first. It listens on loopback only, on a port that stays the same from start to start while
 * it is free, asks for a password, and stops when this process dies. As root it runs under another account.
 *
 * @param settings further server settings, such as `{ fsync: "off" }`.
 * @throws UserError when the directory is not ours, the disk is full or the server does not come up.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  options: { logFile: string; settings?: Record<string, string> },
): Promise<EmbeddedPostgres> {
  const account = serverAccount(dataDir)
  const programs = serverPrograms(account)
  if (!existsSync(dataDir)) initialise(dataDir, programs, account)
  await stopLeftoverServer(dataDir)
  const server = readServerFile(dataDir)
  if (server.port === 0 || !(await isPortFree(server.port))) {
    server.port = await freePort()
    writeServerFile(dataDir, server, account)
  }
  const lastWords = logTail(options.logFile)
  const child = launch(dataDir, programs, account, {
    ...options,
    settings: {
      listen_addresses: "127.0.0.1",
      port: String(server.port),
      // A socket's path holds at most 107 bytes, which deep folders exceed; loopback serves all of us.
      unix_socket_directories: "",
      max_connections: "200",
      timezone: "UTC",
      log_timezone: "UTC",
      ...options.settings,
    },
  })
  await untilReady(child, dataDir, lastWords)
  const passwordOf = (role: string) =>
    role === "postgres" ? server.password : createHmac("sha256", server.password).update(role).digest("base64url")
  let isStopping = false
  const failed = new Promise<string>((resolve) => {
    child.once("exit", () => {
      if (!isStopping) resolve(lastWords())
    })
  })
  return {
    port: server.port,
    url: (database, role = "postgres") =>
      `postgresql://${role}:${passwordOf(role)}@127.0.0.1:${server.port}/${database}`,
    passwordOf,
    failed,
    async stop() {
      isStopping = true
      const lock = readLockFile(dataDir)
      if (lock) await stopServer(lock.pid, dataDir)
    },
    kill() {
      isStopping = true
      child.kill("SIGQUIT")
    },
  }
}

/** Made under another name and renamed, so that an interrupted start leaves no half-made data directory. */
function initialise(dataDir: string, programs: string, account: Account | null): void {
  const partial = `${dataDir}.new`
  const password = randomBytes(24).toString("base64url")
  const passwordFile = `${partial}.password`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(partial, { recursive: true, mode: 0o700 })
  writeFileSync(passwordFile, password, { mode: 0o600 })
  if (account) {
    chownSync(partial, account.uid, account.gid)
    chownSync(passwordFile, account.uid, account.gid)
  }
  const files = [openSync(partial, constants.O_RDONLY | constants.O_DIRECTORY), openSync(passwordFile, "r")]
  rmSync(passwordFile)
  // biome-ignore format: one option a line
  const { status, stderr } = spawnSync(
    path.join(programs, "bin/initdb"),
    [
      "-D", "/proc/self/fd/3",
      "--username", "postgres",
      "--pwfile", "/proc/self/fd/4",
      "--auth", "scram-sha-256",
      "--encoding", "UTF8",
      "--locale-provider", "builtin", "--locale", "C.UTF-8",
      // The password is 192 random bits, which need no stretching; 4,096 rounds would cost each connection milliseconds.
      "--set", "scram_iterations=64",
      "--no-sync", "--no-instructions",
    ],
    { ...account, cwd: "/", stdio: ["ignore", "ignore", "pipe", ...files], encoding: "utf8" },
  )
  for (const file of files) closeSync(file)
  if (status !== 0) {
    rmSync(partial, { recursive: true, force: true })
    throw startFailure(dataDir, stderr)
  }
  writeServerFile(partial, { port: 0, password }, account)
  renameSync(partial, dataDir)
}

function launch(
  dataDir: string,
  programs: string,
  account: Account | null,
  options: { logFile: string; settings: Record<string, string> },
): ChildProcess {
  const settings = Object.entries(options.settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])
  // The directory is handed over open: the account may not be allowed to walk the folders above it (root's home is 0700).
  const command = [path.join(programs, "bin/postgres"), "-D", "/proc/self/fd/3", ...settings]
  if (hasSetpriv()) {
    // Without it, a killed start leaves the server running until the next start finds it.
    const as = account ? ["--reuid", `${account.uid}`, "--regid", `${account.gid}`, "--clear-groups"] : []
    command.unshift("setpriv", ...as, "--pdeathsig", "INT", "--")
  }
  const directory = openSync(dataDir, constants.O_RDONLY | constants.O_DIRECTORY)
  const log = openLog(options.logFile)
  const [program = "", ...args] = command
  const child = spawn(program, args, {
    ...(hasSetpriv() ? {} : account),
    cwd: "/",
    // Its own process group: a Ctrl-C in the terminal reaches us alone, and we stop the server last.
    detached: true,
    stdio: ["ignore", log, log, directory],
    // Nothing of ours: PG* variables would change how the server behaves.
    env: { NODE_ENV: "production", PATH: process.env.PATH, LC_ALL: "C.UTF-8", TZ: "UTC" },
  })
  closeSync(directory)
  closeSync(log)
  return child
}

async function untilReady(child: ChildProcess, dataDir: string, lastWords: () => string): Promise<void> {
  let exit: string | null = null
  child.once("error", (error) => {
    exit = error.message
  })
  child.once("exit", () => {
    exit = lastWords()
  })
  const deadline = Date.now() + READY_WITHIN_MS
  while (!readLockFile(dataDir)?.isReady) {
    if (exit !== null) throw startFailure(dataDir, exit)
    if (Date.now() > deadline) throw new UserError(`PostgreSQL did not come up within 5 minutes: ${lastWords()}`)
    await delay(5)
  }
}

function startFailure(dataDir: string, output: string): UserError {
  if (/No space left on device/.test(output)) {
    return new UserError(`The disk of ${dataDir} is full: free some space and start again.`)
  }
  const reason = output.trim().split("\n").slice(-3).join("\n")
  return new UserError(`PostgreSQL could not be started on ${dataDir}: ${reason || "it gave no reason"}`)
}

/** Reads what the log gained since this call: the fatal lines if there are any, else the last ones. */
function logTail(logFile: string): () => string {
  const before = sizeOf(logFile)
  return () => {
    const lines = tail(logFile, before)
    const fatal = lines.filter((line) => /FATAL|PANIC|ERROR|HINT/.test(line))
    return (fatal.length > 0 ? fatal : lines).join("\n")
  }
}

function readServerFile(dataDir: string): ServerFile {
  try {
    return JSON.parse(readFileSync(path.join(dataDir, "headrace.json"), "utf8")) as ServerFile
  } catch (cause) {
    if (errorCode(cause) === "EACCES") {
      throw new UserError(
        `The database in ${dataDir} belongs to another user: start as that user (or root), or delete the folder to begin anew.`,
        { cause },
      )
    }
    throw new UserError(`${dataDir} is not a database made by Headrace: move it away and start again.`, { cause })
  }
}

function writeServerFile(dataDir: string, server: ServerFile, account: Account | null): void {
  const file = path.join(dataDir, "headrace.json")
  writeFileSync(`${file}.new`, JSON.stringify(server), { mode: 0o600 })
  chmodSync(`${file}.new`, 0o600)
  if (account) chownSync(`${file}.new`, account.uid, account.gid)
  renameSync(`${file}.new`, file)
}

let setpriv: boolean | undefined
function hasSetpriv(): boolean {
  setpriv ??= spawnSync("setpriv", ["--pdeathsig", "clear", "true"], { stdio: "ignore" }).status === 0
  return setpriv
}
