import { type FSWatcher, watch } from "node:fs"
import { sep } from "node:path"

/** Long enough for an editor's write-and-rename or a `git checkout`, short enough not to be felt. */
const QUIET_MS = 150
/** A folder that cannot be watched now (deleted, not mounted yet) is tried again. */
const RETRY_MS = 2_000

/**
 * Calls `onChange` after edits anywhere under `dir`, once for edits that come together. Installed packages and git's own
 * files do not count. Survives the folder being replaced. Keeps no process alive.
 */
export function watchWorkspace(dir: string, onChange: () => void): { close(): void } {
  let watcher: FSWatcher | null = null
  let quiet: NodeJS.Timeout | undefined
  let retry: NodeJS.Timeout | undefined
  let isClosed = false

  const touch = () => {
    clearTimeout(quiet)
    quiet = setTimeout(onChange, QUIET_MS).unref()
  }
  const restart = () => {
    watcher?.close()
    watcher = null
    clearTimeout(retry)
    if (isClosed) return
    retry = setTimeout(() => {
      // What happened meanwhile went unseen.
      if (start()) touch()
    }, RETRY_MS).unref()
  }
  const start = (): boolean => {
    try {
      watcher = watch(dir, { recursive: true, persistent: false }, (_event, name) => {
        if (name === null || !isIgnored(String(name))) touch()
      })
      watcher.on("error", restart)
      return true
    } catch {
      restart()
      return false
    }
  }

  start()
  return {
    close() {
      isClosed = true
      clearTimeout(quiet)
      clearTimeout(retry)
      watcher?.close()
    },
  }
}

function isIgnored(name: string): boolean {
  return name.split(sep).some((part) => part === "node_modules" || part === ".git")
}
