import { Dict } from "../jinja/dict.ts"
import type { Value } from "../jinja/values.ts"
import type { Target } from "../project/profile.ts"
import { commonNames, type TemplateLog } from "./common-names.ts"
import { type EnvVarOptions, envVarFunction } from "./env-var.ts"
import { exceptionsModule } from "./exceptions.ts"
import { dateTimeValue } from "./modules/datetime.ts"
import { modulesValue } from "./modules/modules.ts"
import { type Flags, flagsValue, targetValue } from "./target-value.ts"

/** The release of dbt whose behaviour we follow; what `dbt_version` says and `require-dbt-version` is held against. */
export const DBT_VERSION = "1.9.10"

export interface Invocation {
  id: string
  startedAt: Date
  flags: Flags
  env: EnvVarOptions["env"]
  target: Target
  /** Of the root project. */
  projectName: string
  log: TemplateLog
}

/**
 * The names that are the same for all nodes of an invocation, parsed or executed. What differs is put over them:
 * `ref source config var this model adapter api execute graph` and whatever a materialization gets.
 */
export function baseNames(invocation: Invocation, onEnvRead?: EnvVarOptions["onRead"]): Map<string, Value> {
  const { id, startedAt, flags, env, target, projectName, log } = invocation
  return new Map<string, Value>([
    ...commonNames(log),
    ["env_var", envVarFunction({ env, areSecretsAllowed: false, ...(onEnvRead && { onRead: onEnvRead }) })],
    ["exceptions", exceptionsModule(log)],
    ["modules", modulesValue()],
    ["target", targetValue(target)],
    ["flags", flagsValue(flags)],
    ["database", target.database],
    ["schema", target.schema],
    ["project_name", projectName],
    ["dbt_version", DBT_VERSION],
    ["invocation_id", id],
    ["run_started_at", dateTimeValue(startedAt)],
    ["thread_id", "main"],
    ["invocation_args_dict", Dict.of({ which: flags.which, full_refresh: flags.fullRefresh, empty: flags.empty })],
    ["dbt_metadata_envs", metadataEnvs(env)],
    ["selected_resources", []],
  ])
}

function metadataEnvs(env: EnvVarOptions["env"]): Dict {
  const prefix = "DBT_ENV_CUSTOM_ENV_"
  const found = Object.entries(env).filter(([name, value]) => name.startsWith(prefix) && value !== undefined)
  return new Dict(found.map(([name, value]) => [name.slice(prefix.length), value!]))
}
