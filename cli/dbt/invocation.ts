import { existsSync } from "node:fs"
import os from "node:os"
import path from "node:path"
import type { Command } from "commander"
import { sessionOfTarget } from "#lib/models/command/session-of-target.ts"
import type { Flags } from "#lib/models/context/target-value.ts"
import { type ParsedProject, parseProject } from "#lib/models/project/parse-project.ts"
import type { Target } from "#lib/models/project/profile.ts"
import { ProjectError } from "#lib/models/project/project-error.ts"
import { readYaml, type YamlMap } from "#lib/models/project/read-yaml.ts"
import type { SessionOptions } from "#lib/models/run/open-connection.ts"
import { readRunningState } from "#lib/server/running-state.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { readSettings } from "../settings.ts"
import { say } from "./console.ts"

/** Options that all dbt commands have. */
export interface GlobalOptions {
  projectDir?: string
  profilesDir?: string
  profile?: string
  target?: string
  targetPath?: string
  vars?: string
  threads?: string
  quiet?: boolean
  debug?: boolean
  warnError?: boolean
}

/** A project as one command works on it. */
export interface Invocation {
  project: ParsedProject
  session: SessionOptions
  threads: number
  /** Absolute folder of artifacts. */
  targetFolder: string
  vars: YamlMap
}

/**
 * Parses the project that the options name. The warehouse is that of profiles.yml: of `--profiles-dir`, DBT_PROFILES_DIR, the
 * project or the home folder; where none of them has one, Headrace's own. @throws CliError
 */
export function openInvocation(command: Command, flags: Partial<Flags>): Invocation {
  const options = command.optsWithGlobals<GlobalOptions>()
  const folder = projectFolder(options)
  const profilesFolder = findProfiles(options, folder)
  const vars = parseVars(options.vars)
  const project = parseProject({
    folder,
    ...(profilesFolder === null ? { target: ownWarehouse(options) } : { profilesFolder }),
    profile: options.profile,
    targetName: options.target,
    vars,
    env: process.env,
    flags,
    log: { info: say, warn: say, debug: options.debug ? say : () => undefined },
  })
  return {
    project,
    session: sessionOfTarget(project.target, "headrace dbt"),
    threads: Number(options.threads ?? project.target.threads),
    targetFolder: path.resolve(folder, options.targetPath ?? process.env.DBT_TARGET_PATH ?? "target"),
    vars,
  }
}

function projectFolder({ projectDir }: GlobalOptions): string {
  const given = projectDir ?? process.env.DBT_PROJECT_DIR
  if (given) return path.resolve(given)
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, "dbt_project.yml"))) return folder
    if (folder === path.dirname(folder)) break
  }
  throw new CliError("There is no dbt_project.yml here or above; go to the project, or give --project-dir.", EXIT.usage)
}

function findProfiles({ profilesDir }: GlobalOptions, folder: string): string | null {
  const given = profilesDir ?? process.env.DBT_PROFILES_DIR
  if (given) return path.resolve(given)
  const places = [process.cwd(), folder, path.join(os.homedir(), ".dbt")]
  return places.find((place) => existsSync(path.join(place, "profiles.yml"))) ?? null
}

/** Headrace's warehouse, as the environment or what runs here knows it. */
function ownWarehouse({ target }: GlobalOptions): Target {
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

/** `--vars '{a: 1}'`. */
function parseVars(text: string | undefined): YamlMap {
  if (!text) return {}
  const { value } = readYaml(text, "--vars")
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new CliError(`--vars has to be a map, as '{key: value}'.`, EXIT.usage)
  }
  return value as YamlMap
}

/** An error of a project or its selection as the end of the command. */
export function asCliError(error: unknown): unknown {
  if (error instanceof ProjectError) return new CliError(error.message, EXIT.usage)
  return error
}
