import { JinjaError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import type { HostFunction } from "../jinja/values.ts"
import { named } from "./common-names.ts"

const SECRET_PREFIX = "DBT_ENV_SECRET"

export interface EnvVarOptions {
  env: Readonly<Record<string, string | undefined>>
  /** Secrets may be used in profiles.yml and packages.yml alone, so that they end in no compiled file and no artifact. */
  areSecretsAllowed: boolean
  /** Told of each variable that is read. */
  onRead?: (name: string, value: string | undefined) => void
}

/** `env_var("NAME", default)`. A variable that is not set and has no default is an error. */
export function envVarFunction({ env, areSecretsAllowed, onRead }: EnvVarOptions): HostFunction {
  return named("env_var", ["var", "default?"], (variable, fallback) => {
    const name = toText(variable!)
    if (name.startsWith(SECRET_PREFIX) && !areSecretsAllowed) {
      throw new JinjaError("host", `${name} is a secret, which only profiles.yml and packages.yml may read.`)
    }
    const value = env[name]
    onRead?.(name, value)
    if (value !== undefined) return value
    if (fallback !== undefined) return fallback === null ? "None" : fallback
    throw new JinjaError("host", `The environment variable ${name} is not set; set it, or give env_var() a default.`)
  })
}
