import { readFileSync } from "node:fs"
import path from "node:path"
import { findFiles, type ProjectFile } from "./find-files.ts"
import { installedPackages, localPackages, type PackageSpec, readPackageFile } from "./package-files.ts"
import { ProjectError } from "./project-error.ts"
import { PROJECT_FILE, type ProjectConfig, type RenderYaml, readProjectFile } from "./project-file.ts"

/** A project or one of its packages, as files. */
export interface Package {
  name: string
  /** Absolute. */
  folder: string
  isRoot: boolean
  config: ProjectConfig
  files: ProjectFile[]
}

/**
 * The root project first, then its packages, each once: local ones where they lie, all others where `deps` put them, which is
 * flat beside one another, those that packages ask for among them. dbt links local packages there too; the link is passed over.
 * @throws ProjectError when packages are missing or two share a name.
 */
export function loadPackages(folder: string, render: RenderYaml): Package[] {
  const root = loadPackage(path.resolve(folder), true, render)
  const packages = [root]
  const add = (each: string, isInstalled: boolean): Package | null => {
    if (packages.some((other) => other.folder === each)) return null
    const loaded = loadPackage(each, false, render)
    const other = packages.find(({ name }) => name === loaded.name)
    if (other && !isInstalled) throw duplicatePackage(loaded, other)
    if (other) return null
    packages.push(loaded)
    return loaded
  }
  const addLocal = (of: Package, specs: readonly PackageSpec[]): void => {
    for (const each of localPackages(of.folder, specs)) {
      const loaded = add(each, false)
      if (loaded) addLocal(loaded, readPackageFile(loaded.folder, render))
    }
  }
  const specs = readPackageFile(root.folder, render)
  addLocal(root, specs)
  for (const each of installedPackages(root.folder, root.config.packagesInstallPath)) add(each, true)
  assertInstalled(specs.length, packages.length - 1, root)
  return packages
}

function loadPackage(folder: string, isRoot: boolean, render: RenderYaml): Package {
  const shownAs = isRoot ? PROJECT_FILE : `${path.basename(folder)}/${PROJECT_FILE}`
  const config = readProjectFile(folder, render, shownAs)
  return { name: config.name, folder, isRoot, config, files: findFiles(folder, config) }
}

/** The text of a package's file. */
export function readText(of: Package, file: string): string {
  return readFileSync(path.join(of.folder, file), "utf8")
}

function duplicatePackage(one: Package, other: Package): ProjectError {
  return new ProjectError({
    message: `Two packages are named "${one.name}": ${one.folder} and ${other.folder}. Remove one from packages.yml.`,
  })
}

function assertInstalled(asked: number, found: number, { config }: Package): void {
  if (found >= asked) return
  const where = config.packagesInstallPath
  const message = `${asked} packages are asked for, but ${found} are installed in ${where}; run "deps" to install them.`
  throw new ProjectError({ file: "packages.yml", line: 1, column: 1, message })
}
