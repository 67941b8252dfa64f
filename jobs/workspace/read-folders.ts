import { isUtf8 } from "node:buffer"
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs"
import path from "node:path"

/** What tools write beside what people write. */
const NOT_SOURCE = new Set(["target", "logs", "node_modules", ".git", "dbt_internal_packages"])
/** Seeds are loaded from the version; a file beyond this is data that no version should hold. */
const MAX_FILE_BYTES = 20 * 1024 * 1024

/** The texts of folders of a workspace by their paths in it. Hidden files but .dbtignore are left out, and what is no text. */
export function readFolders(workspaceDir: string, folders: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {}
  const visit = (folder: string): void => {
    for (const entry of readdirSync(path.join(workspaceDir, folder), { withFileTypes: true })) {
      const file = path.join(folder, entry.name)
      if (NOT_SOURCE.has(entry.name) || (entry.name.startsWith(".") && entry.name !== ".dbtignore")) continue
      // A link, as deps makes for local packages, is followed.
      const found = statSync(path.join(workspaceDir, file), { throwIfNoEntry: false })
      if (found?.isDirectory()) visit(file)
      else if (found?.isFile() && found.size <= MAX_FILE_BYTES) {
        const bytes = readFileSync(path.join(workspaceDir, file))
        if (isUtf8(bytes) && !bytes.includes(0)) files[file] = bytes.toString()
      }
    }
  }
  for (const folder of folders) if (existsSync(path.join(workspaceDir, folder))) visit(folder)
  return files
}
