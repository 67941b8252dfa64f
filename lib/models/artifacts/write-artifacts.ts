import { mkdirSync, writeFileSync } from "node:fs"
import path from "node:path"
import type { CatalogTable } from "../command/read-catalog.ts"
import type { FreshnessResult } from "../command/source-freshness.ts"
import type { ParsedProject } from "../project/parse-project.ts"
import { injectCtes } from "../run/inject-ctes.ts"
import type { NodeResult } from "../run/run-project.ts"
import type { RunnableNode } from "../run/work-graph.ts"
import { catalogArtifact } from "./catalog-artifact.ts"
import { artifactPath, type CompiledNode } from "./compiled-node.ts"
import { manifestArtifact } from "./manifest-artifact.ts"
import { type RunResults, runResultsArtifact } from "./run-results-artifact.ts"
import { sourcesArtifact } from "./sources-artifact.ts"
import { writeJson } from "./write-json.ts"

/** The folder that artifacts go to, and the name by which they speak of it: `target`. */
export interface TargetFolder {
  /** Absolute. */
  path: string
  shownAs: string
}

/**
 * Writes the SQL of each result, and of the ephemeral models in it, to `compiled` and `run` in the target folder, and says what
 * the manifest shall have of it.
 */
export function writeSql(
  { manifest }: Pick<ParsedProject, "manifest">,
  results: readonly NodeResult[],
  folder: TargetFolder,
): Map<string, CompiledNode> {
  const compiled = new Map<string, CompiledNode>()
  const add = (
    node: RunnableNode,
    code: string,
    ephemerals: NodeResult["ephemerals"],
    executed: string | null,
  ): void => {
    const write = (part: "compiled" | "run", text: string | null): string | null => {
      const file = artifactPath(node)
      if (file === null || text === null) return null
      const full = path.join(folder.path, part, file)
      mkdirSync(path.dirname(full), { recursive: true })
      writeFileSync(full, text)
      return path.join(folder.shownAs, part, file)
    }
    compiled.set(node.unique_id, {
      code,
      ctes: ephemerals.map(({ id, name, sql }) => ({ id, sql: ` ${name} as (\n${sql}\n)` })),
      compiledPath: write("compiled", code),
      buildPath: write("run", executed),
    })
  }
  for (const { node, compiledCode, ephemerals, executedCode } of results) {
    if (compiledCode === null) continue
    add(node, compiledCode, ephemerals, executedCode)
    for (const [place, { id, sql }] of ephemerals.entries()) {
      const before = ephemerals.slice(0, place)
      const ephemeral = manifest.nodes.get(id)
      if (ephemeral && !compiled.has(id)) add(ephemeral, injectCtes(sql, before), before, null)
    }
  }
  return compiled
}

export function writeManifest(
  project: ParsedProject,
  folder: TargetFolder,
  compiled: ReadonlyMap<string, CompiledNode> = new Map(),
): void {
  writeJson(path.join(folder.path, "manifest.json"), manifestArtifact(project, compiled))
}

export function writeRunResults(results: RunResults, folder: TargetFolder): void {
  writeJson(path.join(folder.path, "run_results.json"), runResultsArtifact(results))
}

/** The file it wrote. */
export function writeCatalog(
  { invocation }: ParsedProject,
  tables: readonly CatalogTable[],
  folder: TargetFolder,
): string {
  const file = path.join(folder.path, "catalog.json")
  writeJson(file, catalogArtifact(invocation, tables))
  return file
}

export function writeSources(
  { invocation }: ParsedProject,
  results: { checked: readonly FreshnessResult[]; elapsedTime: number },
  file: string,
): void {
  writeJson(file, sourcesArtifact(invocation, results.checked, results.elapsedTime))
}
