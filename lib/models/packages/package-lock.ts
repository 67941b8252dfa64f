import { createHash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import path from "node:path"
import { stringify } from "yaml"
import { z } from "zod"
import { ProjectError } from "../project/project-error.ts"
import type { RenderYaml } from "../project/project-file.ts"
import { readYaml, type Yaml } from "../project/read-yaml.ts"
import { YamlFloat } from "../project/yaml-scalars.ts"
import type { PackageRequest } from "./package-request.ts"
import type { PinnedPackage } from "./pinned-package.ts"

const LOCK_FILE = "package-lock.yml"

const entrySchema = z.union([
  z.looseObject({ local: z.string() }),
  z.looseObject({ git: z.string(), revision: z.coerce.string(), subdirectory: z.string().nullish() }),
  z.looseObject({ package: z.string(), version: z.coerce.string() }),
  z.looseObject({ tarball: z.string(), name: z.string() }),
])
const schema = z.looseObject({ packages: z.array(entrySchema).nullish(), sha1_hash: z.string().nullish() })

export interface PackageLock {
  packages: PinnedPackage[]
  /** Of what packages.yml asked for when it was written. */
  hash: string | null
}

/** Null where there is none. @throws ProjectError when it cannot be read */
export function readLock(folder: string, render: RenderYaml): PackageLock | null {
  const file = path.join(folder, LOCK_FILE)
  if (!existsSync(file)) return null
  const yaml = readYaml(readFileSync(file, "utf8"), LOCK_FILE)
  const written = schema.safeParse(yaml.value ?? {})
  const rendered = schema.safeParse(render(yaml.value, yaml, () => true) ?? {})
  if (!written.success || !rendered.success) {
    const message = 'this is no list of packages that "deps" wrote; remove it, and run "deps" again.'
    throw new ProjectError({ file: LOCK_FILE, message })
  }
  const packages = (rendered.data.packages ?? []).map((entry, place): PinnedPackage => {
    const asWritten = written.data.packages![place]!
    if ("local" in entry)
      return { kind: "local", path: String(entry.local), folder: path.resolve(folder, String(entry.local)) }
    if ("git" in entry) {
      const { git, revision, subdirectory } = entry as { git: string; revision: string; subdirectory?: string | null }
      return { kind: "git", url: git, writtenUrl: String(asWritten.git), revision, subdirectory: subdirectory ?? null }
    }
    if ("package" in entry) return { kind: "hub", name: String(entry.package), version: String(entry.version) }
    return {
      kind: "tarball",
      url: String(entry.tarball),
      writtenUrl: String(asWritten.tarball),
      name: String(entry.name),
    }
  })
  return { packages, hash: rendered.data.sha1_hash ?? null }
}

export function writeLock(folder: string, packages: readonly PinnedPackage[], hash: string): string {
  const file = path.join(folder, LOCK_FILE)
  writeFileSync(file, stringify({ packages: packages.map(toEntry), sha1_hash: hash }, { indentSeq: true }))
  return file
}

function toEntry(pinned: PinnedPackage): object {
  switch (pinned.kind) {
    case "local":
      return { local: pinned.path }
    case "git": {
      const { writtenUrl, revision, subdirectory } = pinned
      return { git: writtenUrl, revision, ...(subdirectory !== null && { subdirectory }) }
    }
    case "hub":
      return { package: pinned.name, version: pinned.version }
    case "tarball":
      return { tarball: pinned.writtenUrl, name: pinned.name }
  }
}

/** The hash that dbt's locks carry: of what is asked for, as JSON the way Python writes it, so locks of both are good for both. */
export function requestHash(requests: readonly PackageRequest[]): string {
  const texts = requests.map((request) => pythonJson(withDefaults(request))).sort()
  return createHash("sha1").update(texts.join("\n")).digest("hex")
}

function withDefaults({ rendered, written }: PackageRequest): Record<string, unknown> {
  const unset =
    "package" in rendered
      ? HUB_DEFAULTS
      : "git" in rendered
        ? GIT_DEFAULTS
        : "private" in rendered
          ? PRIVATE_DEFAULTS
          : {}
  return { ...unset, ...rendered, unrendered: written }
}

const HUB_DEFAULTS = { install_prerelease: false }
const GIT_DEFAULTS = { revision: null, subdirectory: null, "warn-unpinned": null }
const PRIVATE_DEFAULTS = { ...GIT_DEFAULTS, provider: null }

/** With sorted keys, a space after each comma and colon, and nothing but ASCII. */
function pythonJson(value: unknown): string {
  if (value instanceof YamlFloat) return value.value.toFixed(1)
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value as Record<string, Yaml>).sort(([a], [b]) => (a < b ? -1 : 1))
    return `{${entries.map(([key, each]) => `${pythonJson(key)}: ${pythonJson(each)}`).join(", ")}}`
  }
  const text = JSON.stringify(value) ?? "null"
  return text.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
}
