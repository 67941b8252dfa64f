import { mkdtempSync, rmSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import { ProjectError } from "../project/project-error.ts"
import { checkout } from "./git-checkout.ts"
import { Hub } from "./hub.ts"
import type { PinnedPackage } from "./pinned-package.ts"
import { unpackTarball } from "./unpack-tarball.ts"

type Fetched = { folder: string; commit: string | null }

/** Packages that were fetched, each once, in a folder that goes with {@link close}. */
export class PackageStore {
  readonly hub: Hub
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), "headrace-packages-"))
  private readonly env: Readonly<Record<string, string | undefined>>
  private readonly fetched = new Map<string, Promise<Fetched>>()

  constructor(env: Readonly<Record<string, string | undefined>>) {
    this.env = env
    this.hub = new Hub(env.DBT_PACKAGE_HUB_URL || undefined)
  }

  /** The folder of a package's project, and of a git package the commit. @throws ProjectError */
  fetch(pinned: PinnedPackage): Promise<Fetched> {
    const key = JSON.stringify(pinned)
    let found = this.fetched.get(key)
    if (!found) {
      found = this.fetchAnew(pinned)
      this.fetched.set(key, found)
    }
    return found
  }

  /** Whether a folder is one of those that go. */
  holds(folder: string): boolean {
    return !path.relative(this.folder, folder).startsWith("..")
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async fetchAnew(pinned: PinnedPackage): Promise<Fetched> {
    if (pinned.kind === "local") return { folder: pinned.folder, commit: null }
    const into = mkdtempSync(path.join(this.folder, "package-"))
    switch (pinned.kind) {
      case "git": {
        const { url, writtenUrl, revision, subdirectory } = pinned
        const commit = await checkout({ url, shownUrl: writtenUrl, revision, into, env: this.env })
        rmSync(path.join(into, ".git"), { recursive: true })
        const folder = path.resolve(into, subdirectory ?? ".")
        if (path.relative(into, folder).startsWith("..")) {
          throw new ProjectError({
            file: "packages.yml",
            message: `subdirectory "${subdirectory}" leaves its package.`,
          })
        }
        return { folder, commit }
      }
      case "hub": {
        const version = (await this.hub.versions(pinned.name)).get(pinned.version)
        if (!version) {
          throw new ProjectError({ message: `The hub has no version ${pinned.version} of ${pinned.name} any more.` })
        }
        const { tarball } = version.downloads
        return { folder: await unpackTarball(tarball, tarball, into), commit: null }
      }
      case "tarball":
        return { folder: await unpackTarball(pinned.url, pinned.writtenUrl, into), commit: null }
    }
  }
}
