import { mkdir, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises"
import path from "node:path"
import { AppError } from "#lib/domain/errors.ts"

/**
 * Writes the files of a version to `<home>/code/<hash>/` and gives that folder. It appears whole or not at all, however
 * many processes do this at once; one that is there is taken as it is, because its name is the hash of its content.
 * @throws AppError `workspace.invalid` for a path that would leave the folder.
 */
export async function materialiseCode(homeDir: string, hash: string, files: Record<string, string>): Promise<string> {
  if (!/^[0-9a-f]{64}$/.test(hash)) throw refused(hash)
  const codeDir = path.join(homeDir, "code")
  const target = path.join(codeDir, hash)
  if (await exists(target)) return target
  await mkdir(codeDir, { recursive: true })
  const draft = await mkdtemp(path.join(codeDir, ".draft-"))
  try {
    for (const [name, text] of Object.entries(files)) {
      const file = path.resolve(draft, name)
      if (name.includes("\0") || path.isAbsolute(name) || !file.startsWith(draft + path.sep)) throw refused(name)
      await mkdir(path.dirname(file), { recursive: true })
      // Read-only: every attempt of this version shares the file.
      await writeFile(file, text, { mode: 0o444 })
    }
    await rename(draft, target)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    // Another process was first: a folder that is not empty is not replaced.
    if (!(await exists(target))) throw error
  }
  return target
}

async function exists(folder: string): Promise<boolean> {
  return stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

function refused(name: string): AppError {
  return new AppError(
    "workspace.invalid",
    `The version names the path ${JSON.stringify(name)}, which is not inside it.`,
    {
      kind: "config",
    },
  )
}
