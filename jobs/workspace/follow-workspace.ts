import type { Logger } from "pino"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import type { Config } from "#lib/server/config.ts"
import type { Store } from "#lib/store/client.ts"
import { loadWorkspace } from "./load-workspace.ts"
import { watchWorkspace } from "./watch-workspace.ts"

/**
 * Loads the workspace, saves it, and does so again after each edit. The first load is awaited; later ones never overlap,
 * and edits that come meanwhile are picked up by one more.
 */
export async function followWorkspace(parts: {
  store: Store
  config: Config
  connectionNames: string[]
  log: Logger
}): Promise<{ close(): void }> {
  const { store, config, log } = parts
  let running: Promise<void> | null = null
  let isStale = false

  const loadOnce = async () => {
    const loaded = await loadWorkspace(config.workspaceDir, { connections: parts.connectionNames })
    const { changed } = await saveWorkspace(store, loaded, new Date())
    for (const problem of loaded.problems) {
      log.warn({ file: problem.file, line: problem.line, rule: problem.rule }, problem.message)
    }
    if (changed.length > 0) log.info({ pipelines: changed }, "workspace loaded")
  }
  const load = async () => {
    do {
      isStale = false
      await loadOnce().catch((error: unknown) => log.error({ error: String(error) }, "workspace not loaded"))
    } while (isStale)
    running = null
  }
  const refresh = () => {
    isStale = true
    running ??= load()
  }

  const watcher = watchWorkspace(config.workspaceDir, refresh)
  refresh()
  await running
  return watcher
}
