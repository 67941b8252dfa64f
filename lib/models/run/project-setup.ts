import type { ParsedProject } from "../project/parse-project.ts"
import type { YamlMap } from "../project/read-yaml.ts"
import { varLookup, varNames } from "../project/vars.ts"
import type { GraphAnswer, ProjectSetup } from "./protocol.ts"
import type { PoolProject } from "./thread-pool.ts"

/** A project for threads. */
export function poolProject(project: ParsedProject, options: SetupOptions) {
  return { setup: projectSetup(project, options), graph: () => graphOf(project) } satisfies PoolProject
}

interface SetupOptions {
  selected: Iterable<string>
  invocationArgs: YamlMap
}

/** What threads need of a project, as plain data. */
function projectSetup(project: ParsedProject, options: SetupOptions): ProjectSetup {
  const { root, packages, target, registry, invocation, commandLineVars } = project
  return {
    rootName: root.name,
    macros: [...registry.all()],
    packages: packages.map((of) => {
      const lookup = varLookup(commandLineVars, root.config, of.config)
      const names = varNames(commandLineVars, root.config, of.config)
      return {
        name: of.name,
        version: of.config.version ?? "",
        vars: Object.fromEntries(names.map((name) => [name, lookup(name) ?? null])),
      }
    }),
    dispatch: root.config.dispatch,
    target,
    flags: invocation.flags,
    invocationId: invocation.id,
    startedAt: invocation.startedAt.toISOString(),
    env: invocation.env,
    selectedResources: [...options.selected],
    invocationArgs: options.invocationArgs,
    commandLineVars,
    quoting: root.config.quoting,
    folder: root.folder,
  }
}

/** `graph` of templates. */
function graphOf({ manifest }: ParsedProject): GraphAnswer {
  return {
    nodes: Object.fromEntries(manifest.nodes),
    sources: Object.fromEntries(manifest.sources),
    exposures: Object.fromEntries(manifest.exposures),
    metrics: Object.fromEntries(manifest.metrics),
    groups: Object.fromEntries(manifest.groups),
  }
}
