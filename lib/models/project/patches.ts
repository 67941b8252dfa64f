import type { Package } from "./load-project.ts"
import { type Place, type Problem, ProjectError } from "./project-error.ts"
import type {
  MacroProperties,
  ModelProperties,
  NodeProperties,
  SingularTestProperties,
  SnapshotProperties,
} from "./properties-schema.ts"
import type { Entry, Properties } from "./read-properties.ts"

/** A properties file of a package. */
export interface PropertiesFile {
  of: Package
  /** From the package's root. */
  path: string
  /** From the resource path that holds it. */
  relativePath: string
  content: Properties
}

/** What a properties file says of a thing that stands elsewhere. */
export interface Patch<T> {
  file: PropertiesFile
  entry: Entry<T>
  /** Whether something was found that it belongs to. */
  isUsed: boolean
}

/** What is said of one version of a model: the file it stands in leads here. */
export interface VersionPatch extends Patch<ModelProperties> {
  version: NonNullable<ModelProperties["versions"]>[number]
}

type NodeKind = "models" | "seeds" | "snapshots" | "analyses" | "macros" | "data_tests"

/** What all properties files say of models, seeds, snapshots, analyses, macros and tests, by package and name. */
export interface PatchIndex {
  models: Map<string, Patch<ModelProperties>>
  /** By package and the name of the file, without extension, that defines the version. */
  versions: Map<string, VersionPatch>
  seeds: Map<string, Patch<NodeProperties>>
  snapshots: Map<string, Patch<SnapshotProperties>>
  analyses: Map<string, Patch<NodeProperties>>
  macros: Map<string, Patch<MacroProperties>>
  data_tests: Map<string, Patch<SingularTestProperties>>
}

export const patchKey = (packageName: string, name: string): string => `${packageName}.${name}`

/** @throws ProjectError where two entries speak of the same thing. */
export function indexPatches(files: readonly PropertiesFile[]): PatchIndex {
  const problems: Problem[] = []
  const index = <K extends NodeKind>(kind: K) => {
    const patches = new Map<string, Patch<Properties[K][number]["value"]>>()
    for (const file of files) {
      for (const entry of file.content[kind] as Entry<Properties[K][number]["value"]>[]) {
        const { name } = entry.value
        const key = patchKey(file.of.name, name)
        const other = patches.get(key)
        if (other) {
          const place = placeOf(other.file, other.entry)
          const message = `"${name}" has properties here and in ${place.file}:${place.line}; keep one of the two.`
          problems.push({ ...placeOf(file, entry), message })
        } else patches.set(key, { file, entry, isUsed: false })
      }
    }
    return patches
  }
  const models = index("models")
  const patches: PatchIndex = {
    models,
    versions: indexVersions(models, problems),
    seeds: index("seeds"),
    snapshots: index("snapshots"),
    analyses: index("analyses"),
    macros: index("macros"),
    data_tests: index("data_tests"),
  }
  if (problems.length > 0) throw new ProjectError(problems)
  return patches
}

function indexVersions(
  models: ReadonlyMap<string, Patch<ModelProperties>>,
  problems: Problem[],
): Map<string, VersionPatch> {
  const versions = new Map<string, VersionPatch>()
  for (const patch of models.values()) {
    const { name, versions: list } = patch.entry.value
    for (const version of list ?? []) {
      const stem = (version.defined_in ?? `${name}_v${version.v}`).replace(/\.(sql|py)$/, "")
      const key = patchKey(patch.file.of.name, stem)
      if (versions.has(key)) {
        problems.push({
          ...placeOf(patch.file, patch.entry),
          message: `version ${version.v} of "${name}" is there twice.`,
        })
      }
      versions.set(key, { ...patch, version })
    }
    patch.isUsed ||= (list ?? []).length > 0
  }
  return versions
}

export function placeOf(file: PropertiesFile, entry: { path: Entry<unknown>["path"] }): Place {
  return { file: file.path, ...file.content.yaml.at(entry.path) }
}

/** `shop://models/schema.yml` */
export function patchPath(file: PropertiesFile): string {
  return `${file.of.name}://${file.path}`
}
