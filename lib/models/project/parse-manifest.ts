import type { Invocation } from "../context/base-names.ts"
import type { EnvVarOptions } from "../context/env-var.ts"
import { checkContracts } from "./check-contracts.ts"
import { checkNames } from "./check-names.ts"
import { checkSnapshots } from "./check-snapshots.ts"
import { describer } from "./descriptions.ts"
import { DocLookup } from "./doc-lookup.ts"
import { assertNoCycle } from "./find-cycle.ts"
import { inferPrimaryKeys } from "./infer-primary-keys.ts"
import { linkMetrics } from "./link-metrics.ts"
import { type Package, readText } from "./load-project.ts"
import { macroCalls } from "./macro-calls.ts"
import type { MacroRegistry } from "./macro-registry.ts"
import { emptyManifest, type Manifest } from "./manifest.ts"
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
import { parseDocs } from "./parse-macros.ts"
import type { ParseMemories } from "./parse-memories.ts"
import type { ParseMemory } from "./parse-memory.ts"
import { parseModel } from "./parse-models.ts"
import { listSourceTables, parseSource } from "./parse-sources.ts"
import type { ParseState } from "./parse-state.ts"
import { indexPatches, type PatchIndex, type PropertiesFile, patchKey, patchPath, placeOf } from "./patches.ts"
import { type Problem, ProjectError } from "./project-error.ts"
import type { RenderYaml } from "./project-file.ts"
import { projectRenderer, propertiesRenderer } from "./project-renderers.ts"
import { readProperties } from "./read-properties.ts"
import type { YamlMap } from "./read-yaml.ts"
import { checkGroups, resolveRefs } from "./resolve-refs.ts"
import { readSelectors } from "./selectors-file.ts"
import { varLookup } from "./vars.ts"

export interface ManifestSources {
  packages: readonly Package[]
  registry: MacroRegistry
  invocation: Invocation
  commandLineVars: YamlMap
  /** Told of every environment variable that a template reads. */
  onEnvRead: NonNullable<EnvVarOptions["onRead"]>
  memories?: ParseMemories | undefined
}

/** `postgres`, then `default`: the prefixes of macros that `dispatch` tries. */
export function adapterPrefixes(type: string): string[] {
  return [type, "default"]
}

/** Reads all files of the packages and makes the manifest of them, step by step. @throws ProjectError */
export function parseManifest(sources: ManifestSources): { manifest: Manifest; warnings: Problem[] } {
  const { packages, registry, invocation, commandLineVars, onEnvRead } = sources
  const root = packages[0]!
  const { target } = invocation
  const manifest = emptyManifest(root.name, target.type)
  const dispatch = { prefixes: adapterPrefixes(target.type), searchOrders: root.config.dispatch }
  for (const macro of registry.all()) {
    macro.depends_on.macros = macroCalls(macro, registry, dispatch)
    manifest.macros.set(macro.unique_id, macro)
  }
  readDocs(packages, manifest)
  const memory = sources.memories?.of({ invocation, packages, registry, docs: manifest.docs.values() }) ?? null
  const plainLookup = (name: string) => {
    const own = packages.find((each) => each.name === name) ?? root
    return varLookup(commandLineVars, root.config, own.config)
  }
  memory?.begin(plainLookup)
  const lookupOf = memory ? (name: string) => memory.lookupOf(name) : plainLookup
  const renderer = new ParseContext({
    invocation,
    registry,
    packages,
    varLookup: lookupOf,
    dispatch,
    memory,
    docs: new DocLookup(
      manifest.docs,
      packages.map(({ name }) => name),
    ),
    onEnvRead,
  })
  const state: ParseState = { root, packages, target, macros: registry, renderer, manifest, warnings: [], memory }
  const renderRoot = projectRenderer(invocation.env, commandLineVars, target, onEnvRead)
  for (const [name, selector] of readSelectors(root.folder, renderRoot)) manifest.selectors.set(name, selector)
  const properties = packages.flatMap((of) =>
    readAllProperties(of, propertiesRenderer(invocation, of.name, lookupOf(of.name), onEnvRead), memory),
  )
  state.warnings.push(...properties.flatMap(({ content }) => content.warnings))
  const patches = indexPatches(properties)
  patchMacros(state, patches)
  for (const of of packages) parseFiles(state, of, patches)
  for (const file of properties) parseYamlSnapshots(state, file, patches)
  for (const table of listSourceTables(properties)) parseSource(state, table)
  parseGenericTests(state, properties)
  for (const file of properties) parseEntries(state, file)
  warnAboutUnused(state, patches)
  checkNames(state)
  checkGroups(state)
  resolveRefs(state)
  linkMetrics(manifest)
  checkContracts(state)
  checkSnapshots(state)
  inferPrimaryKeys(manifest)
  assertNoCycle(manifest)
  memory?.end()
  return { manifest, warnings: state.warnings }
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

function readAllProperties(of: Package, render: RenderYaml, memory: ParseMemory | null): PropertiesFile[] {
  return of.files
    .filter(({ kind }) => kind === "properties")
    .map(({ path: file, relativePath }) => {
      const text = readText(of, file)
      const read = () => {
        memory?.noteText(text)
        return readProperties(text, file, render)
      }
      const content = memory ? memory.recall(`properties ${of.name} ${file}`, [text], read) : read()
      return { of, path: file, relativePath, content }
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
      const event = kind === "macros" ? "MacroNotFoundForPatch" : "NoNodeForYamlKey"
      warnings.push({ ...placeOf(patch.file, patch.entry), message, event })
    }
  }
}
