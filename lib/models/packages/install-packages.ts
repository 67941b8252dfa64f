import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from "node:fs"
import path from "node:path"
import { holdsOwnFiles } from "../project/own-paths.ts"
import { ProjectError } from "../project/project-error.ts"
import { type ProjectConfig, type RenderYaml, readProjectFile } from "../project/project-file.ts"
import { readLock, requestHash, writeLock } from "./package-lock.ts"
import { readRequests } from "./package-request.ts"
import { PackageStore } from "./package-store.ts"
import { type PinnedPackage, titleOf, versionOf } from "./pinned-package.ts"
import { resolvePackages } from "./resolve-packages.ts"

export interface InstallOptions {
  /** The folder of the root project. */
  folder: string
  config: ProjectConfig
  render: RenderYaml
  env: Readonly<Record<string, string | undefined>>
  /** Decides versions anew, whatever the lock says. */
  isUpgrade: boolean
  /** Writes the lock and installs nothing. */
  isLockOnly: boolean
  say(message: string): void
}

/**
 * Installs the packages that a project asks for beside one another, flat, in its install path. What package-lock.yml pins
 * counts while packages.yml asks for the same; else versions are decided anew and pinned. Local packages are linked. Until
 * all is fetched, what is installed stays. @throws ProjectError
 */
export async function installPackages(options: InstallOptions): Promise<void> {
  const { folder, config, render, env, say } = options
  const requests = readRequests(folder, render)
  if (requests.length === 0) {
    say("No packages are asked for.")
    return
  }
  const into = path.resolve(folder, config.packagesInstallPath)
  if (holdsOwnFiles(into, folder, config)) {
    const message = `packages-install-path is ${config.packagesInstallPath}, which holds files of the project itself; name a folder for packages alone.`
    throw new ProjectError({ file: "dbt_project.yml", message })
  }
  const store = new PackageStore(env)
  try {
    const hash = requestHash(requests)
    const lock = options.isUpgrade ? null : readLock(folder, render)
    let pinned = lock?.hash === hash ? lock.packages : null
    if (!pinned) {
      pinned = await resolvePackages(folder, requests, store, render)
      say(`Wrote ${path.relative(process.cwd(), writeLock(folder, pinned, hash))}`)
    }
    if (options.isLockOnly) return
    const fetched: { from: string; name: string; pinned: PinnedPackage }[] = []
    for (const each of pinned) {
      say(`Installing ${titleOf(each)}`)
      const from = (await store.fetch(each)).folder
      fetched.push({ from, name: nameOf(each, from, render), pinned: each })
      say(`Installed from ${versionOf(each)}`)
    }
    assertNoTwins(fetched, config)
    put(fetched, into)
  } finally {
    store.close()
  }
}

function nameOf(pinned: PinnedPackage, folder: string, render: RenderYaml): string {
  return readProjectFile(folder, render, `${titleOf(pinned)}/dbt_project.yml`).name
}

function assertNoTwins(
  packages: readonly { name: string; pinned: PinnedPackage }[],
  { name: root }: ProjectConfig,
): void {
  const known = new Map<string, string>([[root, "the project itself"]])
  for (const { name, pinned } of packages) {
    const other = known.get(name)
    if (other !== undefined) {
      const message = `${titleOf(pinned)} is named "${name}", as ${other} is. Remove one.`
      throw new ProjectError({ file: "packages.yml", message })
    }
    known.set(name, titleOf(pinned))
  }
}

function put(packages: readonly { from: string; name: string; pinned: PinnedPackage }[], into: string): void {
  mkdirSync(into, { recursive: true })
  // What is no package was not put there by us.
  for (const entry of readdirSync(into, { withFileTypes: true })) {
    const there = path.join(into, entry.name)
    const isPackage = entry.isSymbolicLink() || existsSync(path.join(there, "dbt_project.yml"))
    if (isPackage) rmSync(there, { recursive: true, force: true })
  }
  for (const { from, name, pinned } of packages) {
    const to = path.join(into, name)
    rmSync(to, { recursive: true, force: true })
    if (pinned.kind === "local") link(from, to)
    else cpSync(from, to, { recursive: true })
  }
}

/** A copy where the file system has no links. */
function link(from: string, to: string): void {
  try {
    symlinkSync(from, to, "dir")
  } catch {
    if (!existsSync(to)) cpSync(from, to, { recursive: true })
  }
}
