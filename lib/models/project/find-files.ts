import { existsSync, readdirSync, readFileSync } from "node:fs"
import path from "node:path"
import { type IsIgnored, ignoreRules } from "./ignore-rules.ts"
import type { ProjectConfig } from "./project-file.ts"

export type FileKind =
  | "model"
  | "macro"
  | "generic_test"
  | "singular_test"
  | "snapshot"
  | "seed"
  | "analysis"
  | "docs"
  | "properties"
  | "fixture"

/** One file of a project that says something. */
export interface ProjectFile {
  kind: FileKind
  /** Relative to the project's root, with slashes: `models/staging/a.sql`. */
  path: string
  /** Relative to the resource path that holds it: `staging/a.sql`. */
  relativePath: string
  /** The resource path itself: `models`. */
  searchedPath: string
}

/** Every file of a project by kind, ordered by path; what `.dbtignore` names is left out. */
export function findFiles(root: string, config: ProjectConfig): ProjectFile[] {
  const ignorePath = path.join(root, ".dbtignore")
  const isIgnored = existsSync(ignorePath) ? ignoreRules(readFileSync(ignorePath, "utf8")) : () => false
  const listed = new Map<string, string[]>()
  const list = (folder: string): string[] => {
    const files = listed.get(folder) ?? listFiles(root, folder, isIgnored)
    listed.set(folder, files)
    return files
  }
  const find = (kind: FileKind, folders: readonly string[], extension: RegExp): ProjectFile[] =>
    [...new Set(folders.map(normalise))].flatMap((folder) =>
      list(folder)
        .filter((file) => extension.test(file))
        .map((file) => ({
          kind,
          path: file,
          relativePath: folder === "" ? file : file.slice(folder.length + 1),
          searchedPath: folder,
        })),
    )
  const { modelPaths, macroPaths, testPaths, snapshotPaths, seedPaths, analysisPaths } = config
  const all = [...modelPaths, ...seedPaths, ...snapshotPaths, ...analysisPaths, ...macroPaths, ...testPaths]
  const isOfFolder = (file: ProjectFile, folder: string) => file.relativePath.startsWith(`${folder}/`)
  const found = [
    ...find("macro", macroPaths, /\.sql$/),
    ...find(
      "generic_test",
      testPaths.map((folder) => path.posix.join(folder, "generic")),
      /\.sql$/,
    ),
    ...find("model", modelPaths, /\.(sql|py)$/),
    ...find("snapshot", snapshotPaths, /\.sql$/),
    ...find("analysis", analysisPaths, /\.sql$/),
    ...find("singular_test", testPaths, /\.sql$/).filter(
      (file) => !isOfFolder(file, "generic") && !isOfFolder(file, "fixtures"),
    ),
    ...find("seed", seedPaths, /\.csv$/),
    ...find("docs", config.docsPaths, /\.md$/),
    ...find("properties", all, /\.ya?ml$/),
    ...find(
      "fixture",
      testPaths.map((folder) => path.posix.join(folder, "fixtures")),
      /\.(csv|sql)$/,
    ),
  ]
  return onceEach(found)
}

/** Resource paths may hold one another; a file counts once for each kind, by the first that holds it. */
function onceEach(files: ProjectFile[]): ProjectFile[] {
  const seen = new Set<string>()
  return files.filter(({ kind, path: file }) => {
    const key = `${kind}:${file}`
    return seen.has(key) ? false : seen.add(key)
  })
}

const normalise = (folder: string): string => path.posix.normalize(folder).replace(/^\.\/?|\/$/g, "")

function listFiles(root: string, folder: string, isIgnored: IsIgnored): string[] {
  const directory = path.join(root, folder)
  if (!existsSync(directory)) return []
  const files: string[] = []
  const entries = readdirSync(directory, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    const name = folder === "" ? entry.name : `${folder}/${entry.name}`
    if (entry.isDirectory()) {
      if (!isIgnored(`${name}/`)) files.push(...listFiles(root, name, isIgnored))
    } else if (!isIgnored(name)) files.push(name)
  }
  return files
}
