import path from "node:path"
import { baseNames, DBT_VERSION, type Invocation } from "../context/base-names.ts"
import type { TemplateLog } from "../context/common-names.ts"
import { dbtEnvironment } from "../context/dbt-environment.ts"
import { envVarFunction } from "../context/env-var.ts"
import { type Flags, NO_FLAGS, targetValue } from "../context/target-value.ts"
import { VarFunction } from "../context/var-function.ts"
import { yamlRenderer } from "../context/yaml-renderer.ts"
import type { Value } from "../jinja/values.ts"
import { builtinMacros } from "./builtin-macros.ts"
import { checkContracts } from "./check-contracts.ts"
import { checkNames } from "./check-names.ts"
import { describer } from "./descriptions.ts"
import { DocLookup } from "./doc-lookup.ts"
import { assertNoCycle } from "./find-cycle.ts"
import { inferPrimaryKeys } from "./infer-primary-keys.ts"
import { loadPackages, type Package, readText } from "./load-project.ts"
import { INTERNAL_PACKAGES, MacroRegistry } from "./macro-registry.ts"
import type { Manifest } from "./manifest.ts"
import { ParseContext } from "./parse-context.ts"
import { parseEntries } from "./parse-entries.ts"
import {
  parseAnalysis,
  parseHooks,
  parseSeed,
  parseSingularTest,
  parseSnapshots,
  parseYamlSnapshots,
} from "./parse-files.ts"
import { parseGenericTests } from "./parse-generic-tests.ts"
import { parseDocs, parseMacros } from "./parse-macros.ts"
import { parseModel } from "./parse-models.ts"
import { listSourceTables, parseSource } from "./parse-sources.ts"
import type { ParseState } from "./parse-state.ts"
import { indexPatches, type PatchIndex, type PropertiesFile, patchKey, patchPath, placeOf } from "./patches.ts"
import { readProfile, type Target } from "./profile.ts"
import { type Problem, ProjectError } from "./project-error.ts"
import { type RenderYaml, readProjectFile } from "./project-file.ts"
import { readProperties } from "./read-properties.ts"
import type { YamlMap } from "./read-yaml.ts"
import { checkVersions } from "./require-version.ts"
import { checkGroups, resolveRefs } from "./resolve-refs.ts"
import { readSelectors } from "./selectors-file.ts"
import { varLookup } from "./vars.ts"

export interface ParseOptions {
  /** The folder of dbt_project.yml. */
  folder: string
  /** Where to build into; without it, profiles.yml says. */
  target?: Target | undefined
  /** The folder of profiles.yml; the project's without it. */
  profilesFolder?: string | undefined
  /** Instead of the profile that the project names. */
  profile?: string | undefined
  /** Instead of the target that the profile names. */
  targetName?: string | undefined
  /** `--vars` */
  vars?: YamlMap | undefined
  env?: Readonly<Record<string, string | undefined>> | undefined
  flags?: Partial<Flags> | undefined
  startedAt?: Date | undefined
  invocationId?: string | undefined
  log?: TemplateLog | undefined
}

/** A project that was read and understood, with all that its execution needs besides the manifest. */
export interface ParsedProject {
  root: Package
  packages: readonly Package[]
  target: Target
  registry: MacroRegistry
  manifest: Manifest
  invocation: Invocation
  commandLineVars: YamlMap
  warnings: Problem[]
}

const SILENT: TemplateLog = { info: () => {}, debug: () => {}, warn: () => {} }

/**
 * Reads a dbt project from its folder into a manifest: files, packages, properties, and what each template needs.
 * @throws ProjectError with file and line of what is wrong.
 */
export function parseProject(options: ParseOptions): ParsedProject {
  const { folder, vars = {}, env = {} } = options
  const target = options.target ?? targetOf(options)
  const render = projectRenderer(env, vars, target)
  const packages = loadPackages(folder, render)
  const root = packages[0]!
  const warnings = checkVersions(packages, DBT_VERSION)
  const registry = readMacros(packages)
  const invocation: Invocation = {
    id: options.invocationId ?? crypto.randomUUID(),
    startedAt: options.startedAt ?? new Date(),
    flags: { ...NO_FLAGS, ...options.flags },
    env,
    target,
    projectName: root.name,
    log: options.log ?? SILENT,
  }
  const manifest = emptyManifest(root, target)
  for (const macro of registry.all()) manifest.macros.set(macro.unique_id, macro)
  readDocs(packages, manifest)
  const renderer = new ParseContext({
    invocation,
    registry,
    packages,
    commandLineVars: vars,
    dispatch: { prefixes: adapterPrefixes(target.type), searchOrders: root.config.dispatch },
    docs: new DocLookup(
      manifest.docs,
      packages.map(({ name }) => name),
    ),
  })
  const state: ParseState = { root, packages, target, macros: registry, renderer, manifest, warnings }
  for (const [name, selector] of readSelectors(root.folder, render)) manifest.selectors.set(name, selector)
  const properties = packages.flatMap((of) => readAllProperties(of, propertiesRenderer(invocation, vars, root, of)))
  const patches = indexPatches(properties)
  patchMacros(state, patches)
  for (const of of packages) parseFiles(state, of, patches)
  for (const file of properties) parseYamlSnapshots(state, file, readText(file.of, file.path), patches)
  for (const table of listSourceTables(properties)) parseSource(state, table)
  parseGenericTests(state, properties)
  for (const file of properties) parseEntries(state, file)
  warnAboutUnused(state, patches)
  checkNames(state)
  checkGroups(state)
  resolveRefs(state)
  checkContracts(state)
  inferPrimaryKeys(manifest)
  assertNoCycle(manifest)
  return { root, packages, target, registry, manifest, invocation, commandLineVars: vars, warnings }
}

/** `postgres`, then `default`. */
export function adapterPrefixes(type: string): string[] {
  return [type, "default"]
}

function targetOf(options: ParseOptions): Target {
  const { folder, vars = {}, env = {} } = options
  // The profile's name may itself be a template, for which there is no target yet.
  const early = yamlRenderer(dbtEnvironment("chainable"), earlyNames(env, vars, false))
  const profile = options.profile ?? readProjectFile(folder, early).profile
  if (!profile) {
    const message = `dbt_project.yml names no profile; add "profile: <name>", or pass one.`
    throw new ProjectError({ file: "dbt_project.yml", line: 1, column: 1, message })
  }
  const render = yamlRenderer(dbtEnvironment("strict"), earlyNames(env, vars, true))
  const choice = { folder: path.resolve(options.profilesFolder ?? folder), profile, target: options.targetName ?? null }
  return readProfile(choice, render)
}

function earlyNames(
  env: NonNullable<ParseOptions["env"]>,
  vars: YamlMap,
  areSecretsAllowed: boolean,
): Map<string, Value> {
  const names = new Map<string, Value>([["env_var", envVarFunction({ env, areSecretsAllowed })]])
  const environment = dbtEnvironment("strict")
  const render = (text: string) => environment.render(text, Object.fromEntries(names))
  const lookup = (name: string) => vars[name]
  names.set("var", new VarFunction({ lookup, render, isMissingAllowed: false, packageName: "" }))
  return names
}

/** For dbt_project.yml, packages.yml and selectors.yml: `env_var`, `target`, and of vars those of the command line. */
function projectRenderer(env: NonNullable<ParseOptions["env"]>, vars: YamlMap, target: Target): RenderYaml {
  const names = earlyNames(env, vars, true)
  names.set("target", targetValue(target))
  return yamlRenderer(dbtEnvironment("strict"), names)
}

/** For properties files: all that is the same for every node, and the vars of their package. */
function propertiesRenderer(invocation: Invocation, vars: YamlMap, root: Package, of: Package): RenderYaml {
  const names = baseNames(invocation)
  const environment = dbtEnvironment("strict")
  const render = (text: string) => environment.render(text, Object.fromEntries(names))
  const lookup = varLookup(vars, root.config, of.config)
  names.set("var", new VarFunction({ lookup, render, isMissingAllowed: false, packageName: of.name }))
  return yamlRenderer(environment, names)
}

function readMacros(packages: readonly Package[]): MacroRegistry {
  const registry = new MacroRegistry(packages[0]!.name)
  for (const name of INTERNAL_PACKAGES) registry.addPackage(name)
  for (const macro of builtinMacros()) registry.add(macro)
  for (const of of packages) {
    registry.addPackage(of.name)
    for (const file of of.files) {
      if (file.kind !== "macro" && file.kind !== "generic_test") continue
      const origin = { packageName: of.name, path: file.path, relativePath: file.relativePath }
      for (const macro of parseMacros(readText(of, file.path), origin)) registry.add(macro)
    }
  }
  return registry
}

function readDocs(packages: readonly Package[], { docs }: Manifest): void {
  for (const of of packages) {
    for (const { kind, path: file, relativePath } of of.files) {
      if (kind !== "docs") continue
      for (const doc of parseDocs(readText(of, file), { packageName: of.name, path: file, relativePath })) {
        const other = docs.get(doc.unique_id)
        if (other) {
          const message = `there are two docs blocks named "${doc.name}": the other stands in ${other.original_file_path}.`
          throw new ProjectError({ file, line: 1, column: 1, message })
        }
        docs.set(doc.unique_id, doc)
      }
    }
  }
}

function readAllProperties(of: Package, render: RenderYaml): PropertiesFile[] {
  return of.files
    .filter(({ kind }) => kind === "properties")
    .map(({ path: file, relativePath }) => {
      return { of, path: file, relativePath, content: readProperties(readText(of, file), file, render) }
    })
}

function parseFiles(state: ParseState, of: Package, patches: PatchIndex): void {
  for (const file of of.files) {
    switch (file.kind) {
      case "model":
        parseModel(state, of, file, readText(of, file.path), patches)
        break
      case "seed":
        parseSeed(state, of, file, patches)
        break
      case "snapshot":
        parseSnapshots(state, of, file, patches)
        break
      case "analysis":
        parseAnalysis(state, of, file, patches)
        break
      case "singular_test":
        parseSingularTest(state, of, file, patches)
        break
      default:
        break
    }
  }
  parseHooks(state, of)
}

function patchMacros(state: ParseState, patches: PatchIndex): void {
  for (const [key, patch] of patches.macros) {
    const macro = state.manifest.macros.get(`macro.${key}`)
    if (!macro) continue
    const { file, entry } = patch
    const toDescription = describer(state, file.of, file, entry)
    const { description, meta, arguments: args, docs } = entry.value
    patch.isUsed = true
    macro.description = toDescription(description ?? "")
    macro.meta = (meta ?? {}) as YamlMap
    macro.patch_path = patchPath(file)
    macro.docs = { show: docs?.show ?? true, node_color: docs?.node_color ?? null }
    macro.arguments = (args ?? []).map(({ name, type, description: text }) => {
      return { name, type: type ?? null, description: toDescription(text ?? "") }
    })
  }
}

function warnAboutUnused({ warnings, manifest }: ParseState, patches: PatchIndex): void {
  const disabled = new Set([...manifest.disabled.values()].flat().map((node) => patchKey(node.package_name, node.name)))
  for (const kind of ["models", "seeds", "snapshots", "analyses", "macros", "data_tests"] as const) {
    for (const [key, patch] of patches[kind]) {
      if (patch.isUsed || disabled.has(key)) continue
      const message = `"${patch.entry.value.name}" under "${kind}" describes something that is not there.`
      warnings.push({ ...placeOf(patch.file, patch.entry), message })
    }
  }
}

function emptyManifest(root: Package, target: Target): Manifest {
  return {
    projectName: root.name,
    adapterType: target.type,
    nodes: new Map(),
    sources: new Map(),
    macros: new Map(),
    docs: new Map(),
    exposures: new Map(),
    metrics: new Map(),
    semanticModels: new Map(),
    savedQueries: new Map(),
    groups: new Map(),
    unitTests: new Map(),
    selectors: new Map(),
    disabled: new Map(),
  }
}
