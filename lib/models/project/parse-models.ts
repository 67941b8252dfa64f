import { columnsOfVersion, toColumns, toModelConstraints } from "./columns.ts"
import { describer } from "./descriptions.ts"
import type { ProjectFile } from "./find-files.ts"
import type { Package } from "./load-project.ts"
import { fileStem, fqnPrefix } from "./names.ts"
import type { ModelNode, ParsedNode } from "./node.ts"
import { addNode, configLayer, draftOfFile, parseNode } from "./parse-node.ts"
import type { ParseState } from "./parse-state.ts"
import { type Patch, type PatchIndex, patchKey, patchPath, type VersionPatch } from "./patches.ts"
import type { ModelProperties } from "./properties-schema.ts"
import type { YamlMap } from "./read-yaml.ts"
import { recallNode } from "./recall-nodes.ts"
import { readStaticCalls } from "./static-calls.ts"

/** Reads a model's file, with what properties files say of it or of the version that it holds. */
export function parseModel(state: ParseState, of: Package, file: ProjectFile, text: string, patches: PatchIndex): void {
  const key = patchKey(of.name, fileStem(file.path))
  const version = patches.versions.get(key)
  const patch = version ?? patches.models.get(key)
  if (patch) patch.isUsed = true
  const inputs = [text, file.relativePath, patch?.file.path, patch?.entry, version?.version]
  const make = () => makeModel(state, of, draftOfFile(file, text), patch, version)
  addNode(state, recallNode(state, `model ${of.name} ${file.path}`, inputs, make))
}

function makeModel(
  state: ParseState,
  of: Package,
  draft: ReturnType<typeof draftOfFile>,
  patch: Patch<ModelProperties> | undefined,
  version: VersionPatch | undefined,
): ParsedNode {
  const facts = version ? versionFacts(version) : patch ? modelFacts(patch.entry.value) : null
  const name = facts?.name ?? draft.name
  const suffix = facts?.version == null ? [] : [`v${facts.version}`]
  const toDescription = patch && describer(state, of, patch.file, patch.entry)
  const node = parseNode(state, {
    ...draft,
    type: "model",
    of,
    name,
    uniqueId: ["model", of.name, name, ...suffix].join("."),
    fqn: [...fqnPrefix(of.name, draft.path), name, ...suffix],
    ...(facts && {
      properties: facts.layers,
      description: toDescription!(facts.description),
      columns: toColumns(facts.columns, toDescription!),
      patchPath: patchPath(patch!.file),
      version: facts.version,
      extra: {
        constraints: toModelConstraints(facts.constraints),
        version: facts.version,
        latest_version: facts.latestVersion,
        deprecation_date: facts.deprecationDate,
        time_spine: (patch!.entry.value.time_spine ?? null) as YamlMap | null,
      } satisfies Partial<ModelNode>,
    }),
  })
  addForeignKeys(state, node as ModelNode)
  return node
}

/** A foreign key says with ref or source what it points to; that has to be there first. */
function addForeignKeys({ renderer }: ParseState, node: ModelNode): void {
  const all = [...node.constraints, ...Object.values(node.columns).flatMap(({ constraints }) => constraints)]
  for (const { to } of all) {
    if (to === null || !/^\s*(?:ref|source)\s*\(/.test(to)) continue
    const place = { file: node.original_file_path, line: node.start_line }
    const calls = readStaticCalls(`{{ ${to} }}`) ?? renderer.renderExpression(to, node.package_name, place)
    node.refs.push(...calls.refs)
    node.sources.push(...calls.sources)
  }
}

interface ModelFacts extends Pick<ModelProperties, "columns" | "constraints"> {
  name: string
  layers: Record<string, unknown>[]
  description: string
  version: string | number | null
  latestVersion: string | number | null
  deprecationDate: string | null
}

function modelFacts(value: ModelProperties): ModelFacts {
  return {
    name: value.name,
    layers: [configLayer(value)],
    description: value.description ?? "",
    columns: value.columns,
    constraints: value.constraints,
    version: null,
    latestVersion: null,
    deprecationDate: value.deprecation_date ?? null,
  }
}

/** What a version does not say for itself, the model says for all of them. */
function versionFacts({ entry: { value }, version }: VersionPatch): ModelFacts {
  const { config, access, docs } = version
  const own = { ...value.config, ...config }
  const layer = configLayer({ ...value, config: own, access: access ?? value.access, docs: docs ?? value.docs })
  return {
    name: value.name,
    layers: [layer],
    description: version.description || value.description || "",
    columns: columnsOfVersion(value, version),
    constraints: version.constraints ?? value.constraints,
    version: version.v,
    latestVersion: latestVersion(value),
    deprecationDate: version.deprecation_date ?? value.deprecation_date ?? null,
  }
}

/** The one that is named so, else the greatest: by number where all are numbers, else by letters. */
export function latestVersion({ latest_version: named, versions }: ModelProperties): string | number | null {
  if (named !== null && named !== undefined) return named
  const all = (versions ?? []).map(({ v }) => v)
  const areNumbers = all.every((v) => Number.isFinite(Number(v)))
  const sorted = all.toSorted((a, b) => (areNumbers ? Number(a) - Number(b) : String(a) < String(b) ? -1 : 1))
  return sorted.at(-1) ?? null
}
