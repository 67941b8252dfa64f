import { accessSync, constants, existsSync, mkdirSync, statfsSync } from "node:fs"
import path from "node:path"
import { type FolderLock, lockFolder } from "./folder-lock.ts"
import { shown } from "./paths.ts"
import { errorCode, UserError } from "./user-error.ts"

/** A fresh database and the built app take 250 MB, and the write-ahead log grows before it is recycled. */
const FREE_BYTES_AT_FIRST = 600e6
const FREE_BYTES_LATER = 50e6

/**
 * Makes the home folder and takes it for this process alone, until `release` or the process's end.
 *
 * @param url what another `npm start` here is told to open instead.
 * @throws UserError when it is in use, not writable, or on a full disk.
 */
export async function claimHome(homeDir: string, url: string): Promise<FolderLock> {
  const isFirst = !existsSync(path.join(homeDir, "postgres"))
  makeFolder(homeDir)
  accessSync(homeDir, constants.W_OK | constants.X_OK)
  const result = await lockFolder(homeDir, "start")
  if (result.kind === "held") {
    throw new UserError(`Headrace runs already with ${shown(homeDir)}${result.says}: use that one, or stop it first.`)
  }
  result.lock.say(` at ${url} (process ${process.pid})`)
  const { bavail, bsize } = statfsSync(homeDir)
  const needed = isFirst ? FREE_BYTES_AT_FIRST : FREE_BYTES_LATER
  if (bavail * bsize < needed) {
    result.lock.release()
    throw new UserError(
      `The disk of ${shown(homeDir)} has ${megabytes(bavail * bsize)} free: make room for ${megabytes(needed)}, or set HEADRACE_HOME to a folder on another disk.`,
    )
  }
  return result.lock
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (error) {
    // What Node says of a recursive call on a read-only disk; the folder above tells the true cause.
    if (errorCode(error) !== "ENOENT") throw error
    makeFolder(path.dirname(folder))
    mkdirSync(folder)
  }
}

function megabytes(bytes: number): string {
  return `${Math.floor(bytes / 1e6)} MB`
}
