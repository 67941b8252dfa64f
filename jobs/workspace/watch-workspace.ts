import { statSync } from "node:fs"
import { watchTree } from "#lib/server/watch-tree.ts"

/** Long enough for an editor's write-and-rename or a `git checkout`, short enough not to be felt. */
const QUIET_MS = 150
/** How often to look whether the folder itself was replaced, deleted or mounted, which its watcher cannot tell. */
const FOLDER_LOOK_MS = 1_000

/**
 * Calls `onChange` after edits anywhere under `dir`, once for edits that come together. Installed packages and git's own
 * files do not count. Survives the folder being replaced. Keeps no process alive.
 */
export function watchWorkspace(dir: string, onChange: () => void): { close(): void } {
  let watcher: { close(): void } | null = null
  let watched: string | null = null
  let quiet: NodeJS.Timeout | undefined

  const touch = () => {
    clearTimeout(quiet)
    quiet = setTimeout(onChange, QUIET_MS).unref()
  }
  const forget = () => {
    watcher?.close()
    watcher = null
    watched = null
  }
  const start = () => {
    watched = identityOf(dir)
    if (watched === null) return
    watcher = watchTree(dir, touch, { isIgnored, onError: forget })
  }
  const look = setInterval(() => {
    if (identityOf(dir) === watched) return
    forget()
    start()
    // What happened meanwhile went unseen.
    touch()
  }, FOLDER_LOOK_MS).unref()

  start()
  return {
    close() {
      clearTimeout(quiet)
      clearInterval(look)
      forget()
    },
  }
}

function identityOf(dir: string): string | null {
  try {
    const { dev, ino } = statSync(dir)
    return `${dev}:${ino}`
  } catch {
    return null
  }
}

function isIgnored(name: string): boolean {
  return name === "node_modules" || name === ".git"
}
