import { type FSWatcher, readdirSync, statSync, watch } from "node:fs"
import path from "node:path"

/**
 * Calls `onEdit` with the path, relative to `dir`, of whatever is written, replaced, added or removed anywhere below `dir`.
 * It watches folder by folder: Node's own `recursive` watches each file on Linux, and loses a file for good when an editor
 * replaces it by renaming a new one over it (vim, sed -i, git). Folders that come later are watched too, and reported, as
 * what they hold may have been there first. Keeps no process alive.
 *
 * @param isIgnored names of folders and files that do not count, such as `node_modules`.
 * @param onError a folder could not be watched, mostly because the system's limit is reached (fs.inotify.max_user_watches).
 */
export function watchTree(
  dir: string,
  onEdit: (file: string) => void,
  {
    isIgnored = () => false,
    onError = () => {},
  }: { isIgnored?: (name: string) => boolean; onError?: (error: unknown) => void } = {},
): { close(): void } {
  const watchers = new Map<string, FSWatcher>()

  function addFolder(folder: string): void {
    if (watchers.has(folder)) return
    try {
      const watcher = watch(path.join(dir, folder), { persistent: false }, (event, name) => {
        if (name === null || isIgnored(name)) return
        const file = path.join(folder, name)
        // A folder of this name may be another one than before.
        if (event === "rename") forget(file)
        if (isFolder(path.join(dir, file))) addFolder(file)
        onEdit(file)
      })
      watcher.on("error", () => forget(folder)) // The folder is gone.
      watchers.set(folder, watcher)
      for (const entry of readdirSync(path.join(dir, folder), { withFileTypes: true })) {
        if (entry.isDirectory() && !isIgnored(entry.name)) addFolder(path.join(folder, entry.name))
      }
    } catch (error) {
      forget(folder)
      onError(error)
    }
  }

  function forget(folder: string): void {
    for (const [watched, watcher] of watchers) {
      if (watched !== folder && !watched.startsWith(`${folder}${path.sep}`)) continue
      watcher.close()
      watchers.delete(watched)
    }
  }

  addFolder("")
  return {
    close() {
      for (const watcher of watchers.values()) watcher.close()
      watchers.clear()
    },
  }
}

function isFolder(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false
}
