import { spawn } from "node:child_process"
import { createHash } from "node:crypto"
import { closeSync, existsSync, readFileSync, writeFileSync } from "node:fs"
import { readdir, readFile } from "node:fs/promises"
import path from "node:path"
import { lockFolder } from "./folder-lock.ts"
import { openLog, sizeOf, tail } from "./log-file.ts"
import { ROOT, shown } from "./paths.ts"
import { UserError } from "./user-error.ts"

/** What the bundle is made from. */
const SOURCES = [
  "app",
  "components",
  "lib",
  "public",
  "next.config.js",
  "postcss.config.mjs",
  "package-lock.json",
  "tsconfig.json",
]

const BUILD_DIR = path.join(ROOT, ".next")
const STAMP = path.join(BUILD_DIR, "headrace-sources")

/** Whether .next was built from other sources than those that lie here now. */
export async function isWebBuildStale(): Promise<boolean> {
  if (!existsSync(path.join(BUILD_DIR, "BUILD_ID")) || !existsSync(STAMP)) return true
  return readFileSync(STAMP, "utf8") !== (await sourcesHash())
}

/**
 * Runs `next build`. One process builds at a time: another waits, and finds the work done.
 * @throws UserError with the compiler's complaint.
 */
export async function buildWeb(logFile: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const result = await lockFolder(ROOT, "build")
    if (result.kind === "held") {
      await new Promise((resolve) => setTimeout(resolve, 250))
      signal.throwIfAborted()
      continue
    }
    try {
      if (await isWebBuildStale()) await build(logFile, signal)
      return
    } finally {
      result.lock.release()
    }
  }
}

async function build(logFile: string, signal: AbortSignal): Promise<void> {
  const stamp = await sourcesHash()
  const log = openLog(logFile)
  const offset = sizeOf(logFile)
  const child = spawn(process.execPath, [path.join(ROOT, "node_modules/next/dist/bin/next"), "build"], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", log, log],
    signal,
  })
  closeSync(log)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject)
    child.once("exit", resolve)
  })
  if (code !== 0) throw buildFailure(tail(logFile, offset, 40), logFile)
  writeFileSync(STAMP, stamp)
}

function buildFailure(lines: string[], logFile: string): UserError {
  if (lines.some((line) => /ENOSPC|No space left on device/.test(line))) {
    return new UserError("The disk is full: free some space and start again.")
  }
  if (lines.some((line) => /EACCES|permission denied/i.test(line))) {
    return new UserError(`You may not write ${shown(BUILD_DIR)}: change its owner, or delete that folder.`)
  }
  return new UserError(`The web app could not be built:\n${lines.join("\n")}\n(more in ${shown(logFile)})`)
}

async function sourcesHash(): Promise<string> {
  const files = (await Promise.all(SOURCES.map(filesBelow))).flat().sort()
  const contents = await Promise.all(files.map((file) => readFile(path.join(ROOT, file))))
  const hash = createHash("sha256").update(process.version)
  for (const [index, file] of files.entries()) hash.update(`\0${file}\0`).update(contents[index] ?? "")
  return hash.digest("hex")
}

async function filesBelow(name: string): Promise<string[]> {
  const full = path.join(ROOT, name)
  if (!existsSync(full)) return []
  try {
    const entries = await readdir(full, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
      .map((entry) => path.relative(ROOT, path.join(entry.parentPath, entry.name)))
  } catch {
    return [name] // A file.
  }
}
