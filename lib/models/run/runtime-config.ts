import { HostRecord } from "../context/host-record.ts"
import { toValue } from "../context/plain-value.ts"
import { Dict } from "../jinja/dict.ts"
import { HostFunction, type Kwargs, type Value } from "../jinja/values.ts"
import type { ProjectSetup } from "./protocol.ts"

/**
 * `ref` and `source`, with the attribute `config` through which packages look at the project (`builtins.ref.config`, which is
 * dbt's runtime configuration; elementary reads versions of packages and vars there).
 */
export class ConfiguredFunction extends HostFunction {
  private readonly config: Value

  constructor(name: string, run: (args: readonly Value[], kwargs: Kwargs) => Value, config: Value) {
    super(name, run)
    this.config = config
  }

  override getAttribute(name: string): Value | undefined {
    return name === "config" ? this.config : undefined
  }
}

/** What of dbt's runtime configuration packages are known to read. */
export function runtimeConfig(setup: ProjectSetup): Value {
  const { rootName, packages, target, invocationArgs, folder } = setup
  const packageConfig = ({ name, version }: { name: string; version: string }) =>
    new HostRecord(
      "RuntimeConfig",
      new Map<string, Value>([
        ["project_name", name],
        ["version", version],
      ]),
    )
  const root = packages.find(({ name }) => name === rootName)
  return new HostRecord(
    "RuntimeConfig",
    new Map<string, Value>([
      ["project_name", rootName],
      ["version", root?.version ?? ""],
      ["project_root", folder],
      ["profile_name", target.profileName],
      ["target_name", target.name],
      ["threads", target.threads],
      ["vars", toValue(root?.vars ?? {})],
      ["cli_vars", toValue(setup.commandLineVars)],
      ["args", toValue(invocationArgs)],
      ["dependencies", new Dict(packages.map((each) => [each.name, packageConfig(each)]))],
    ]),
  )
}
