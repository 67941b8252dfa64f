import path from "node:path"
import type { ProjectConfig } from "./project-file.ts"

/** Whether a folder is the project's, one that it keeps its files in, or holds such a one: removing it would lose them. */
export function holdsOwnFiles(folder: string, project: string, config: ProjectConfig): boolean {
  const sources = [config.modelPaths, config.seedPaths, config.testPaths, config.macroPaths, config.snapshotPaths]
  const kept = [...sources.flat(), ...config.analysisPaths, "."].map((each) => path.resolve(project, each))
  return kept.some((each) => isInside(each, folder))
}

/** Whether a path is that folder or in it. */
export function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file)
  return relative === "" || !(relative.startsWith("..") || path.isAbsolute(relative))
}
