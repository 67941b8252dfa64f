import { DBT_VERSION, type Invocation } from "../context/base-names.ts"
import type { TemplateLog } from "../context/common-names.ts"
import { type Flags, NO_FLAGS } from "../context/target-value.ts"
import { loadPackages, type Package } from "./load-project.ts"
import type { MacroRegistry } from "./macro-registry.ts"
import type { Manifest } from "./manifest.ts"
import { ParseCache } from "./parse-cache.ts"
import { parseManifest } from "./parse-manifest.ts"
import type { ParseMemories } from "./parse-memories.ts"
import type { Target } from "./profile.ts"
import type { Problem } from "./project-error.ts"
import { projectRenderer, readTarget, type TargetOptions } from "./project-renderers.ts"
import { readMacros } from "./read-macros.ts"
import type { YamlMap } from "./read-yaml.ts"
import { checkVersions } from "./require-version.ts"

export interface ParseOptions extends TargetOptions {
  /** The folder of dbt_project.yml. */
  folder: string
  /** Where to build into; without it, profiles.yml says, in `profilesFolder` or else in the project. */
  target?: Target | undefined
  flags?: Partial<Flags> | undefined
  startedAt?: Date | undefined
  invocationId?: string | undefined
  log?: TemplateLog | undefined
  /** Keeps the manifest in the target folder, and takes it from there while nothing has changed. */
  usesCache?: boolean | undefined
  /** Parts of earlier parses by this process, where it keeps them; without a cache in the target folder, which would lack what these read. */
  memories?: ParseMemories | undefined
}

/** A project that was read and understood, with all that its execution needs besides the manifest. */
export interface ParsedProject {
  root: Package
  /** The root first. */
  packages: readonly Package[]
  target: Target
  registry: MacroRegistry
  /** For reading: nodes may share what is equal in them. */
  manifest: Manifest
  invocation: Invocation
  commandLineVars: YamlMap
  warnings: Problem[]
  isFromCache: boolean
}

const SILENT: TemplateLog = { info: () => {}, debug: () => {}, warn: () => {} }

/**
 * Reads a dbt project from its folder into a manifest: files, packages, properties, and what each template needs.
 * @throws ProjectError with file and line of what is wrong.
 */
export function parseProject(options: ParseOptions): ParsedProject {
  const { folder, vars = {}, env = {} } = options
  const target = options.target ?? readTarget(options)
  const packages = loadPackages(folder, projectRenderer(env, vars, target))
  const root = packages[0]!
  const flags = { ...NO_FLAGS, ...options.flags }
  const invocation: Invocation = {
    id: options.invocationId ?? crypto.randomUUID(),
    startedAt: options.startedAt ?? new Date(),
    flags,
    env,
    target,
    projectName: root.name,
    log: options.log ?? SILENT,
  }
  const registry = readMacros(packages)
  const parsed = { root, packages, target, registry, invocation, commandLineVars: vars }
  const cache = options.usesCache ? new ParseCache({ packages, target, vars, flags, env }) : null
  const kept = cache?.read(registry)
  if (kept) return { ...parsed, ...kept, isFromCache: true }
  const envRead = new Map<string, string | undefined>()
  const onEnvRead = (name: string, value: string | undefined) => void envRead.set(name, value)
  const { manifest, warnings } = parseManifest({
    packages,
    registry,
    invocation,
    commandLineVars: vars,
    onEnvRead,
    memories: options.usesCache ? undefined : options.memories,
  })
  const all = [...checkVersions(packages, DBT_VERSION), ...warnings]
  cache?.write({ manifest, warnings: all }, envRead)
  return { ...parsed, manifest, warnings: all, isFromCache: false }
}
