import path from "node:path"
import type { Command } from "commander"
import { sessionOfTarget } from "#lib/models/command/session-of-target.ts"
import { DBT_VERSION } from "#lib/models/context/base-names.ts"
import type { Target } from "#lib/models/project/profile.ts"
import { readTarget } from "#lib/models/project/project-renderers.ts"
import { describeSqlError, openConnection } from "#lib/models/run/open-connection.ts"
import { HEADRACE_VERSION } from "#lib/server/version.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { guarded } from "./guarded.ts"
import { findProfiles, openConsole, ownWarehouse, parseMap, projectFolder } from "./invocation.ts"
import { optionsOf, type RunFlags } from "./options.ts"

interface DebugOptions extends RunFlags {
  configDir?: boolean
  connection?: boolean
}

/** What of a connection can be shown, in the order of a profile. */
const SHOWN = ["host", "port", "user", "database", "schema", "role", "search_path", "sslmode", "connect_timeout"]

/** debug: what is configured, and whether the warehouse answers. */
export function addDebugCommand(dbt: Command): void {
  dbt
    .command("debug")
    .description("say what is configured, and whether the warehouse answers")
    .option("--connection", "only whether the warehouse answers")
    .action((_: object, self: Command) => guarded(() => debug(optionsOf<DebugOptions>(self))))
}

async function debug(options: DebugOptions): Promise<void> {
  const console = openConsole(options, "")
  const folder = projectFolder(options)
  const profilesFolder = findProfiles(options, folder)
  const vars = parseMap(options.vars, "--vars")
  const choice = { folder, profile: options.profile, targetName: options.target, vars, env: process.env }
  const target = profilesFolder === null ? ownWarehouse(options) : readTarget({ ...choice, profilesFolder })
  console.info(`Headrace ${HEADRACE_VERSION}, which follows dbt ${DBT_VERSION}; Node.js ${process.version}`)
  console.info(`Project: ${path.join(folder, "dbt_project.yml")}`)
  console.info(
    `Profile: ${profilesFolder === null ? "Headrace's own warehouse" : path.join(profilesFolder, "profiles.yml")}`,
  )
  console.info(`Target: ${target.profileName}.${target.name} (${target.type}), ${target.threads} threads`)
  for (const [key, value] of shownFields(target)) console.info(`  ${key}: ${value}`)
  const problem = await problemOf(target)
  if (problem === null) {
    console.info("Connection: the warehouse answers")
    console.info("All checks passed!")
    return
  }
  console.error(`Connection: ${problem}`)
  throw new CliError("", EXIT.failed)
}

function shownFields({ credentials, database, schema }: Target): [string, string][] {
  const url = typeof credentials.url === "string" ? new URL(credentials.url) : null
  const fields: Record<string, unknown> = {
    ...credentials,
    ...(url && { host: url.hostname, port: url.port || "5432", user: decodeURIComponent(url.username) }),
    database,
    schema,
  }
  return SHOWN.flatMap((key): [string, string][] => (fields[key] == null ? [] : [[key, String(fields[key])]]))
}

async function problemOf(target: Target): Promise<string | null> {
  try {
    const session = await openConnection(sessionOfTarget(target, "headrace dbt debug"))
    await session.run("select 1").finally(() => session.close())
    return null
  } catch (error) {
    const { message, sqlState } = describeSqlError(error)
    const code = error instanceof Error && "code" in error ? String(error.code) : null
    return `the warehouse does not let us in: ${message || code}${sqlState ? ` (${sqlState})` : ""}`
  }
}
