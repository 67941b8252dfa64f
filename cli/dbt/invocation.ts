import { randomUUID } from "node:crypto"
import { existsSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import type { TargetFolder } from "#lib/models/artifacts/write-artifacts.ts"
import { sessionOfTarget } from "#lib/models/command/session-of-target.ts"
import { WarningPolicy } from "#lib/models/command/warning-policy.ts"
import { type ParsedProject, parseProject } from "#lib/models/project/parse-project.ts"
import type { Target } from "#lib/models/project/profile.ts"
import type { Problem } from "#lib/models/project/project-error.ts"
import { type ProjectConfig, type RenderYaml, readProjectFile } from "#lib/models/project/project-file.ts"
import { projectRenderer, readTarget } from "#lib/models/project/project-renderers.ts"
import { readYaml, type YamlMap } from "#lib/models/project/read-yaml.ts"
import type { SessionOptions } from "#lib/models/run/open-connection.ts"
import { readRunningState } from "#lib/server/running-state.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { readSettings } from "../settings.ts"
import { argsOf } from "./args.ts"
import { DbtConsole } from "./console.ts"
import { type GlobalOptions, isSet, isUnset, type RunFlags } from "./options.ts"

/** A project as one command works on it. */
export interface Invocation {
  project: ParsedProject
  session: SessionOptions
  threads: number
  targetFolder: TargetFolder
  vars: YamlMap
  console: DbtConsole
  /** What the command was asked for, as run_results.json has it. */
  args: YamlMap
}

/**
 * Parses the project that the options name. The warehouse is that of profiles.yml: of `--profiles-dir`, DBT_PROFILES_DIR, the
 * project or the home folder; where none of them has one, Headrace's own. @throws CliError, ProjectError
 */
export function openInvocation(options: RunFlags, which: string): Invocation {
  const folder = projectFolder(options)
  const profilesFolder = findProfiles(options, folder)
  const vars = parseMap(options.vars, "--vars")
  const invocationId = randomUUID()
  const console = openConsole(options, invocationId)
  const project = parseProject({
    folder,
    ...(profilesFolder === null ? { target: ownWarehouse(options) } : { profilesFolder }),
    profile: options.profile,
    targetName: options.target,
    vars,
    env: process.env,
    invocationId,
    usesCache: options.partialParse ?? !isUnset(process.env.DBT_PARTIAL_PARSE),
    flags: {
      which,
      fullRefresh: options.fullRefresh === true,
      storeFailures: options.storeFailures === true,
      empty: options.empty === true,
      failFast: options.failFast === true,
      warnError: options.warnError ?? isSet(process.env.DBT_WARN_ERROR),
      quiet: options.quiet ?? isSet(process.env.DBT_QUIET),
      debug: options.debug ?? isSet(process.env.DBT_DEBUG),
    },
    log: {
      info: (message) => console.info(message, "JinjaLogInfo"),
      warn: (message) => console.warn(message, "JinjaLogWarning"),
      debug: (message) => console.debug(message, "JinjaLogDebug"),
    },
  })
  const ofProject = projectPolicy(project.root.config.flags)
  if (ofProject) console.adoptPolicy(ofProject)
  for (const problem of project.warnings) console.warn(problemText(problem), problem.event ?? "Note")
  console.assertNoErrors()
  return {
    project,
    session: sessionOfTarget(project.target, "headrace dbt"),
    threads: threadsOf(options, project.target),
    targetFolder: targetFolder(options, project),
    vars,
    console,
    args: argsOf(options, which, { folder, profilesFolder, vars }),
  }
}

/** `flags:` of dbt_project.yml, as far as they are about warnings. */
function projectPolicy({ warn_error: isError, warn_error_options: choices }: YamlMap): WarningPolicy | null {
  if (typeof choices === "object" && choices !== null && !Array.isArray(choices)) {
    return WarningPolicy.of(choices as YamlMap)
  }
  return isError === true ? WarningPolicy.all : null
}

export function openConsole(options: GlobalOptions, invocationId: string): DbtConsole {
  const { warnErrorOptions, warnError, quiet, debug, logFormat } = options
  const env = process.env
  const choices = warnErrorOptions ?? env.DBT_WARN_ERROR_OPTIONS
  return new DbtConsole({
    isQuiet: quiet ?? isSet(env.DBT_QUIET),
    isDebug: debug ?? isSet(env.DBT_DEBUG),
    isJson: (logFormat ?? env.DBT_LOG_FORMAT) === "json",
    invocationId,
    warnings: choices
      ? WarningPolicy.of(parseMap(choices, "--warn-error-options"))
      : (warnError ?? isSet(env.DBT_WARN_ERROR))
        ? WarningPolicy.all
        : null,
  })
}

/** The folder of dbt_project.yml. @throws CliError */
export function projectFolder({ projectDir }: GlobalOptions): string {
  const given = projectDir ?? process.env.DBT_PROJECT_DIR
  if (given) return path.resolve(given)
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "dbt_project.yml"))) return folder
    if (folder === path.dirname(folder)) break
  }
  throw new CliError("There is no dbt_project.yml here or above; go to the project, or give --project-dir.", EXIT.usage)
}

/** The folder that has profiles.yml, or null. */
export function findProfiles({ profilesDir }: GlobalOptions, folder: string): string | null {
  const given = profilesDir ?? process.env.DBT_PROFILES_DIR
  if (given) return path.resolve(given)
  const places = [process.cwd(), folder, path.join(os.homedir(), ".dbt")]
  return places.find((place) => existsSync(path.join(place, "profiles.yml"))) ?? null
}

/** Headrace's warehouse, as the environment or what runs here knows it. @throws CliError */
export function ownWarehouse({ target }: GlobalOptions): Target {
  const { homeDir } = readSettings({})
  const known = { ...readRunningState(homeDir)?.environment, ...process.env }
  const url = known.HEADRACE_WAREHOUSE_URL
  if (!url) {
    throw new CliError(
      "There is no profiles.yml and no warehouse of Headrace: start Headrace, set HEADRACE_WAREHOUSE_URL, or give --profiles-dir.",
      EXIT.usage,
    )
  }
  return {
    profileName: "headrace",
    name: target ?? "warehouse",
    type: "postgres",
    database: new URL(url).pathname.slice(1),
    schema: "analytics",
    threads: 4,
    credentials: { url },
  }
}

/** `--vars '{a: 1}'`. @throws CliError */
export function parseMap(text: string | undefined, option: string): YamlMap {
  if (!text) return {}
  const { value } = readYaml(text, option)
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CliError(`${option} has to be a map, as '{key: value}'.`, EXIT.usage)
  }
  return value as YamlMap
}

/** The folder of artifacts, as an absolute path, without reading all of the project. */
export function targetFolderOf(options: GlobalOptions): string {
  const folder = projectFolder(options)
  const given = options.targetPath ?? process.env.DBT_TARGET_PATH
  return path.resolve(folder, given ?? projectConfig(options, folder).targetPath)
}

/** dbt_project.yml, for commands that need no warehouse. */
export function projectConfig(options: GlobalOptions, folder: string): ProjectConfig {
  return readProjectFile(folder, projectRender(options, folder))
}

/** Renders project files for commands that need no warehouse: a target that cannot be read is passed over. */
export function projectRender(options: GlobalOptions, folder: string): RenderYaml {
  return projectRenderer(process.env, parseMap(options.vars, "--vars"), targetOrNone(options, folder))
}

function targetOrNone(options: GlobalOptions, folder: string): Target {
  const { profile, target: targetName } = options
  try {
    const profilesFolder = findProfiles(options, folder)
    if (profilesFolder === null) return ownWarehouse(options)
    const vars = parseMap(options.vars, "--vars")
    return readTarget({ folder, profilesFolder, profile, targetName, vars, env: process.env })
  } catch {
    return { profileName: "", name: "", type: "postgres", database: "", schema: "", threads: 1, credentials: {} }
  }
}

function targetFolder({ targetPath }: GlobalOptions, { root }: ParsedProject): TargetFolder {
  const shownAs = targetPath ?? process.env.DBT_TARGET_PATH ?? root.config.targetPath
  return { path: path.resolve(root.folder, shownAs), shownAs }
}

function threadsOf({ threads }: GlobalOptions, target: Target): number {
  const count = Number(threads ?? target.threads)
  if (!Number.isInteger(count) || count < 1) throw new CliError(`--threads has to be a number from 1.`, EXIT.usage)
  return count
}

function problemText({ file, line, message }: Problem): string {
  return `${file ? `${file}:${line ?? 1}: ` : ""}${message}`
}
