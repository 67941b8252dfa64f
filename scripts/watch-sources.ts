import path from "node:path"
import { watchTree } from "#lib/server/watch-tree.ts"
import { ROOT } from "./paths.ts"

/** An editor saves in several writes, and a checkout changes many files: one restart for all of them. */
const QUIET_MS = 300

/** Calls `changed` when the worker's code changed; returns how to end watching. Authors' files are watched by the worker. */
export function watchWorkerSources(changed: () => void): () => void {
  let timer: NodeJS.Timeout | undefined
  const watchers = ["jobs", "lib"].map((folder) =>
    watchTree(path.join(ROOT, folder), (file) => {
      if (!file.endsWith(".ts") || file.endsWith(".test.ts")) return
      clearTimeout(timer)
      timer = setTimeout(changed, QUIET_MS)
    }),
  )
  return () => {
    clearTimeout(timer)
    for (const watcher of watchers) watcher.close()
  }
}
