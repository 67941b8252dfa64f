import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs"
import path from "node:path"
import { DBT_VERSION } from "../context/base-names.ts"
import type { EnvVarOptions } from "../context/env-var.ts"
import type { Flags } from "../context/target-value.ts"
import { sha256 } from "./checksum.ts"
import type { Package } from "./load-project.ts"
import type { MacroRegistry } from "./macro-registry.ts"
import type { Manifest } from "./manifest.ts"
import { decodeManifest, encodeManifest } from "./manifest-codec.ts"
import type { Target } from "./profile.ts"
import type { Problem } from "./project-error.ts"
import type { YamlMap } from "./read-yaml.ts"

/** Changes with every change of what parsing gives, so that nobody meets the manifest of an older Headrace. */
const FORMAT = 2

export interface CacheKey {
  packages: readonly Package[]
  target: Target
  vars: YamlMap
  flags: Flags
  env: EnvVarOptions["env"]
}

interface Kept {
  manifest: Manifest
  warnings: Problem[]
}

interface Header {
  fingerprint: string
  /** Variables that templates read, with a hash of each value, for they may be secrets; null for one that was not set. */
  env: [string, string | null][]
  warnings: Problem[]
}

/**
 * The manifest of the last parse, kept in the project's target folder. It counts while everything is as it was: the files of
 * all packages (by time and size), their project files, target, vars, flags, and the environment variables that were read.
 */
export class ParseCache {
  private readonly file: string
  private readonly fingerprint: string
  private readonly env: EnvVarOptions["env"]

  constructor(key: CacheKey) {
    const root = key.packages[0]!
    this.file = path.join(root.folder, root.config.targetPath, "headrace_parse.json")
    this.fingerprint = fingerprintOf(key)
    this.env = key.env
  }

  /** Null where there is none, it is of another state, or it cannot be read. */
  read(registry: MacroRegistry): Kept | null {
    if (!existsSync(this.file)) return null
    try {
      const text = readFileSync(this.file, "utf8")
      const end = text.indexOf("\n")
      const header = JSON.parse(text.slice(0, end)) as Header
      if (header.fingerprint !== this.fingerprint) return null
      if (header.env.some(([name, hash]) => hashOf(this.env[name]) !== hash)) return null
      return { manifest: decodeManifest(text.slice(end + 1), registry), warnings: header.warnings }
    } catch {
      // A cache is worth nothing but time: whatever is wrong with it, parsing again is right.
      return null
    }
  }

  /** Written beside and renamed, so that no reader meets half of it. */
  write({ manifest, warnings }: Kept, envRead: ReadonlyMap<string, string | undefined>): void {
    const env = [...envRead].map(([name, value]): Header["env"][number] => [name, hashOf(value)])
    const header: Header = { fingerprint: this.fingerprint, env, warnings }
    mkdirSync(path.dirname(this.file), { recursive: true })
    const beside = `${this.file}.${process.pid}`
    writeFileSync(beside, `${JSON.stringify(header)}\n${encodeManifest(manifest)}`)
    renameSync(beside, this.file)
  }
}

const hashOf = (value: string | undefined): string | null => (value === undefined ? null : sha256(value))

function fingerprintOf({ packages, target, vars, flags }: CacheKey): string {
  const files = packages.flatMap(({ folder, files: all }) => [
    folder,
    ...all.map((file) => `${file.kind} ${stamp(path.join(folder, file.path))}`),
  ])
  const root = packages[0]!
  const configs = packages.map(({ config }) => config)
  const selectors = stamp(path.join(root.folder, "selectors.yml"))
  // How much is said is no reason to parse anew.
  const asked = { ...flags, quiet: false, debug: false }
  return sha256(JSON.stringify([FORMAT, DBT_VERSION, target, vars, asked, configs, selectors, files]))
}

function stamp(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false })
  return stats ? `${file} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}` : ""
}
