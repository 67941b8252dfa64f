import path from "node:path"
import { baseNames, type Invocation } from "../context/base-names.ts"
import { dbtEnvironment } from "../context/dbt-environment.ts"
import { type EnvVarOptions, envVarFunction } from "../context/env-var.ts"
import { targetValue } from "../context/target-value.ts"
import { VarFunction } from "../context/var-function.ts"
import { yamlRenderer } from "../context/yaml-renderer.ts"
import type { Value } from "../jinja/values.ts"
import { readProfile, type Target } from "./profile.ts"
import { ProjectError } from "./project-error.ts"
import { type RenderYaml, readProjectFile } from "./project-file.ts"
import type { YamlMap } from "./read-yaml.ts"
import type { VarLookup } from "./vars.ts"

type Env = EnvVarOptions["env"]

export interface TargetOptions {
  folder: string
  profilesFolder?: string | undefined
  profile?: string | undefined
  targetName?: string | undefined
  vars?: YamlMap | undefined
  env?: Env | undefined
}

/** The target that profiles.yml gives a project. @throws ProjectError */
export function readTarget(options: TargetOptions): Target {
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
  env: Env,
  vars: YamlMap,
  areSecretsAllowed: boolean,
  onRead?: EnvVarOptions["onRead"],
): Map<string, Value> {
  const names = new Map<string, Value>([
    ["env_var", envVarFunction({ env, areSecretsAllowed, ...(onRead && { onRead }) })],
  ])
  const environment = dbtEnvironment("strict")
  const render = (text: string) => environment.render(text, Object.fromEntries(names))
  const lookup = (name: string) => vars[name]
  names.set("var", new VarFunction({ lookup, render, isMissingAllowed: false, packageName: "" }))
  return names
}

/** For dbt_project.yml, packages.yml and selectors.yml: `env_var`, `target`, and of vars those of the command line. */
export function projectRenderer(
  env: Env,
  vars: YamlMap,
  target: Target,
  onEnvRead?: EnvVarOptions["onRead"],
): RenderYaml {
  const names = earlyNames(env, vars, true, onEnvRead)
  names.set("target", targetValue(target))
  return yamlRenderer(dbtEnvironment("strict"), names)
}

/** For properties files: all that is the same for every node, and the vars of their package. */
export function propertiesRenderer(
  invocation: Invocation,
  packageName: string,
  lookup: VarLookup,
  onEnvRead: EnvVarOptions["onRead"],
): RenderYaml {
  const names = baseNames(invocation, onEnvRead)
  const environment = dbtEnvironment("strict")
  const render = (text: string) => environment.render(text, Object.fromEntries(names))
  names.set("var", new VarFunction({ lookup, render, isMissingAllowed: false, packageName }))
  return yamlRenderer(environment, names)
}
