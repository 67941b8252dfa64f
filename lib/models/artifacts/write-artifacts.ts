import path from "node:path"
import type { CatalogTable } from "../command/read-catalog.ts"
import type { FreshnessResult } from "../command/source-freshness.ts"
import type { ParsedProject } from "../project/parse-project.ts"
import { catalogArtifact } from "./catalog-artifact.ts"
import type { CompiledNode } from "./compiled-node.ts"
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
