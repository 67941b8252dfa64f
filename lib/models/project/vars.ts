import { isRecord } from "./merge-config.ts"
import type { ProjectConfig } from "./project-file.ts"
import type { Yaml, YamlMap } from "./read-yaml.ts"

/** The vars that templates of a package see, before templates inside of their values are rendered. */
export type VarLookup = (name: string) => Yaml | undefined

/**
 * Who wins: the command line, then the root project's vars for the package, then its vars for all, then what the package
 * sets for itself, then what it sets for all.
 */
export function varLookup(commandLine: YamlMap, root: ProjectConfig, own: ProjectConfig): VarLookup {
  const levels = [commandLine, scoped(root, own.name), root.vars, scoped(own, own.name), own.vars]
  return (name) => levels.find((level) => Object.hasOwn(level, name))?.[name]
}

function scoped(project: ProjectConfig, packageName: string): YamlMap {
  const vars = project.vars[packageName]
  return isRecord(vars) ? (vars as YamlMap) : {}
}

/** All names that {@link varLookup} of the same projects finds something for. */
export function varNames(commandLine: YamlMap, root: ProjectConfig, own: ProjectConfig): string[] {
  const levels = [commandLine, scoped(root, own.name), root.vars, scoped(own, own.name), own.vars]
  return [...new Set(levels.flatMap((level) => Object.keys(level)))]
}
