import { statSync } from "node:fs"
import path from "node:path"
import { fileChecksum } from "./checksum.ts"
import { toColumns } from "./columns.ts"
import { describer } from "./descriptions.ts"
import { type BlockType, extractBlocks } from "./extract-blocks.ts"
import type { ProjectFile } from "./find-files.ts"
import { type Package, readText } from "./load-project.ts"
import { fileStem, fqnPrefix } from "./names.ts"
import { addNode, configLayer, draftOfFile, parseNode } from "./parse-node.ts"
import type { ParseState } from "./parse-state.ts"
import { type Patch, type PatchIndex, type PropertiesFile, patchKey, patchPath } from "./patches.ts"
import { PROJECT_FILE } from "./project-file.ts"
import type { NodeProperties, SnapshotProperties } from "./properties-schema.ts"

/** Reads a seed: a CSV file that becomes a table. A file beyond a megabyte is told by its path, as dbt does. */
export function parseSeed(state: ParseState, of: Package, file: ProjectFile, patches: PatchIndex): void {
  const name = fileStem(file.path)
  const isLarge = statSync(path.join(of.folder, file.path)).size > 1_048_576
  const node = parseNode(state, {
    type: "seed",
    of,
    name,
    uniqueId: `seed.${of.name}.${name}`,
    fqn: [...fqnPrefix(of.name, file.relativePath), name],
    path: file.relativePath,
    originalFilePath: file.path,
    rawCode: "",
    startLine: 1,
    checksum: isLarge ? { name: "path", checksum: file.path } : fileChecksum(readText(of, file.path)),
    ...patched(state, of, patches.seeds.get(patchKey(of.name, name))),
    extra: { root_path: of.folder },
  })
  addNode(state, node)
}

/** What a properties entry adds to a draft. */
export function patched(state: ParseState, of: Package, patch: Patch<NodeProperties | SnapshotProperties> | undefined) {
  if (!patch) return {}
  patch.isUsed = true
  const { value } = patch.entry
  const toDescription = describer(state, of, patch.file, patch.entry)
  return {
    properties: [configLayer(value)],
    description: toDescription(value.description ?? ""),
    columns: toColumns(value.columns, toDescription),
    patchPath: patchPath(patch.file),
  }
}

const SNAPSHOT_BLOCKS: ReadonlySet<BlockType> = new Set(["snapshot"])

/** Reads the snapshot blocks of a SQL file. */
export function parseSnapshots(state: ParseState, of: Package, file: ProjectFile, patches: PatchIndex): void {
  const text = readText(of, file.path)
  for (const { name, body, line } of extractBlocks(text, SNAPSHOT_BLOCKS, file.path)) {
    const node = parseNode(state, {
      type: "snapshot",
      of,
      name,
      uniqueId: `snapshot.${of.name}.${name}`,
      fqn: [...fqnPrefix(of.name, file.relativePath), fileStem(file.path), name],
      path: file.relativePath,
      originalFilePath: file.path,
      rawCode: body,
      startLine: line,
      checksum: fileChecksum(text),
      ...patched(state, of, patches.snapshots.get(patchKey(of.name, name))),
    })
    addNode(state, node)
  }
}

/** A snapshot that is written in YAML: of what `relation` names, all columns. */
export function parseYamlSnapshots(state: ParseState, file: PropertiesFile, patches: PatchIndex): void {
  for (const entry of file.content.snapshots) {
    const { name, relation } = entry.value
    if (relation === null || relation === undefined) continue
    const { of } = file
    const node = parseNode(state, {
      type: "snapshot",
      of,
      name,
      uniqueId: `snapshot.${of.name}.${name}`,
      fqn: [...fqnPrefix(of.name, file.relativePath), name],
      path: `${file.relativePath}/${name}.sql`,
      originalFilePath: file.path,
      rawCode: `select * from {{ ${relation} }}`,
      startLine: file.content.yaml.at(entry.path).line,
      checksum: fileChecksum(readText(of, file.path)),
      ...patched(state, of, patches.snapshots.get(patchKey(of.name, name))),
    })
    addNode(state, node)
  }
}

/** Reads an analysis: SQL that is compiled and never run. */
export function parseAnalysis(state: ParseState, of: Package, file: ProjectFile, patches: PatchIndex): void {
  const draft = draftOfFile(file, readText(of, file.path))
  const [, ...folders] = fqnPrefix(of.name, file.relativePath)
  const node = parseNode(state, {
    ...draft,
    type: "analysis",
    of,
    path: `analysis/${file.relativePath}`,
    uniqueId: `analysis.${of.name}.${draft.name}`,
    fqn: [of.name, "analysis", ...folders, draft.name],
    ...patched(state, of, patches.analyses.get(patchKey(of.name, draft.name))),
  })
  addNode(state, node)
}

/** Reads a singular test: a query whose rows are failures. */
export function parseSingularTest(state: ParseState, of: Package, file: ProjectFile, patches: PatchIndex): void {
  const text = readText(of, file.path)
  const draft = draftOfFile(file, text)
  const patch = patches.data_tests.get(patchKey(of.name, draft.name))
  if (patch) patch.isUsed = true
  const toDescription = patch && describer(state, of, patch.file, patch.entry)
  const node = parseNode(state, {
    ...draft,
    type: "test",
    of,
    uniqueId: `test.${of.name}.${draft.name}`,
    fqn: [...fqnPrefix(of.name, file.relativePath), draft.name],
    ...(patch && {
      properties: [configLayer(patch.entry.value)],
      description: toDescription!(patch.entry.value.description ?? ""),
      patchPath: patchPath(patch.file),
    }),
    extra: { test_metadata: null, column_name: null, file_key_name: null, attached_node: null },
  })
  addNode(state, node)
}

/** The hooks of `on-run-start` and `on-run-end` as operations, in their order. */
export function parseHooks(state: ParseState, of: Package): void {
  const checksum = fileChecksum(readText(of, PROJECT_FILE))
  const hooks = { "on-run-start": of.config.onRunStart, "on-run-end": of.config.onRunEnd }
  for (const [event, texts] of Object.entries(hooks)) {
    for (const [index, rawCode] of texts.entries()) {
      const name = `${of.name}-${event}-${index}`
      const node = parseNode(state, {
        type: "operation",
        of,
        name,
        uniqueId: `operation.${of.name}.${name}`,
        fqn: [of.name, "hooks", name],
        path: `hooks/${name}.sql`,
        originalFilePath: `./${PROJECT_FILE}`,
        rawCode,
        startLine: 1,
        checksum,
        extra: { index },
      })
      node.tags = [event, ...node.tags]
      addNode(state, node)
    }
  }
}
