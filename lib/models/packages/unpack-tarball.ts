import { execFile } from "node:child_process"
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import { promisify } from "node:util"
import { ProjectError } from "../project/project-error.ts"
import { PROJECT_FILE } from "../project/project-file.ts"
import { download } from "./hub.ts"

const run = promisify(execFile)

/**
 * Downloads an archive of a package (`.tar.gz`) and unpacks it in a folder; gives the folder of its project, which may be the one
 * folder that the archive holds. @throws ProjectError
 */
export async function unpackTarball(url: string, shownUrl: string, into: string): Promise<string> {
  const response = await download(url)
  if (!response.ok) throw new ProjectError({ message: `${shownUrl} was not given: ${response.status}.` })
  const archive = path.join(into, "package.tar.gz")
  writeFileSync(archive, Buffer.from(await response.arrayBuffer()))
  try {
    await run("tar", ["-xzf", archive, "-C", into])
  } catch (error) {
    throw new ProjectError({ message: `${shownUrl} is no archive that can be unpacked.` }, { cause: error })
  }
  const folders = [into, ...readdirSync(into).map((name) => path.join(into, name))]
  const found = folders.find((folder) => existsSync(path.join(folder, PROJECT_FILE)))
  if (!found) throw new ProjectError({ message: `${shownUrl} holds no ${PROJECT_FILE}.` })
  return found
}
