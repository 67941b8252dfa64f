import { existsSync, readFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"
import { didYouMean } from "../../domain/closest.ts"
import { ProjectError } from "./project-error.ts"
import type { RenderYaml } from "./project-file.ts"
import { readYaml, type YamlMap } from "./read-yaml.ts"

/** Where a project builds into. */
export interface Target {
  profileName: string
  name: string
  /** The adapter: `postgres`. */
  type: string
  database: string
  schema: string
  threads: number
  /** All of the output as it is written, with its secrets: for who connects, never for templates. */
  credentials: YamlMap
}

const outputSchema = z.looseObject({
  type: z.string(),
  schema: z.coerce.string(),
  database: z.string().optional(),
  dbname: z.string().optional(),
  threads: z.coerce.number().int().positive().optional(),
})

const profileSchema = z.looseObject({
  target: z.string().optional(),
  outputs: z.record(z.string(), z.record(z.string(), z.unknown())),
})

export interface ProfileChoice {
  /** The folder that holds profiles.yml. */
  folder: string
  profile: string
  /** Instead of the target that the profile names. */
  target?: string | null
}

/**
 * The target that a profile of profiles.yml leads to. Templates in it (`env_var`) are rendered in the chosen output alone, so
 * the variables of others may be missing.
 * @throws ProjectError when file, profile or target are not there, or the output lacks what every output has.
 */
export function readProfile({ folder, profile, target }: ProfileChoice, render: RenderYaml): Target {
  const file = path.join(folder, "profiles.yml")
  if (!existsSync(file)) throw new ProjectError({ message: `There is no profiles.yml in ${folder}.` })
  const yaml = readYaml(readFileSync(file, "utf8"), "profiles.yml")
  const fail = (message: string, at: (string | number)[] = []): never => {
    throw new ProjectError({ file: yaml.file, ...yaml.at(at), message })
  }
  const profiles = (yaml.value ?? {}) as YamlMap
  if (profiles[profile] === undefined) {
    const names = Object.keys(profiles).filter((name) => name !== "config")
    fail(`there is no profile "${profile}"${didYouMean(profile, names)}`)
  }
  const parsed = profileSchema.safeParse(profiles[profile])
  if (!parsed.success) fail(`profile "${profile}" needs outputs: a map from target names to connections.`, [profile])
  const { outputs, target: preset } = parsed.data!
  const rendered = render(preset ?? "default", yaml, () => true)
  const name = target ?? String(rendered)
  const output = outputs[name]
  if (!output)
    return fail(`profile "${profile}" has no target "${name}"${didYouMean(name, Object.keys(outputs))}`, [
      profile,
      "outputs",
    ])
  const credentials = render(output as YamlMap, yaml, () => true) as YamlMap
  const result = outputSchema.safeParse(credentials)
  if (!result.success) {
    const [issue] = result.error.issues
    return fail(`target "${name}": ${issue!.path.join(".")}: ${issue!.message}.`, [profile, "outputs", name])
  }
  const { type, schema, database, dbname, threads } = result.data
  return {
    profileName: profile,
    name,
    type,
    database: database ?? dbname ?? fail(`target "${name}" names no database.`, [profile, "outputs", name]),
    schema,
    threads: threads ?? 1,
    credentials,
  }
}
