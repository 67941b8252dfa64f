import type { YamlMap } from "#lib/models/project/read-yaml.ts"
import { isDeferring, stateFolder } from "./earlier.ts"
import type { RunFlags } from "./options.ts"

interface Places {
  folder: string
  profilesFolder: string | null
  vars: YamlMap
}

/** `args` of run_results.json: what `retry` needs to run the command again, and what other programs read there. */
export function argsOf(options: RunFlags, which: string, { folder, profilesFolder, vars }: Places): YamlMap {
  const given: Record<string, YamlMap[string] | undefined> = {
    which,
    invocation_command: `dbt ${process.argv.slice(3).join(" ")}`,
    project_dir: folder,
    profiles_dir: profilesFolder,
    profile: options.profile,
    target: options.target,
    target_path: options.targetPath,
    vars,
    threads: options.threads === undefined ? undefined : Number(options.threads),
    select: options.select ?? [],
    exclude: options.exclude ?? [],
    selector: options.selector,
    resource_types: options.resourceType ?? [],
    exclude_resource_types: options.excludeResourceType ?? [],
    indirect_selection: options.indirectSelection ?? "eager",
    full_refresh: options.fullRefresh === true,
    store_failures: options.storeFailures === true,
    fail_fast: options.failFast === true,
    empty: options.empty === true,
    event_time_start: options.eventTimeStart,
    event_time_end: options.eventTimeEnd,
    defer: isDeferring(options),
    favor_state: options.favorState === true,
    state: stateFolder(options) ?? undefined,
    defer_state: options.deferState,
    quiet: options.quiet === true,
    debug: options.debug === true,
    log_format: options.logFormat ?? "default",
    warn_error: options.warnError === true ? true : undefined,
    warn_error_options: { include: [], exclude: [] },
    write_json: true,
    partial_parse: true,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as YamlMap
}

/** The options that `args` of run_results.json stand for, dbt's own or ours. */
export function optionsOfArgs(args: YamlMap): RunFlags {
  const texts = (key: string) => (Array.isArray(args[key]) ? (args[key] as unknown[]).map(String) : undefined)
  const text = (key: string) => (args[key] === undefined || args[key] === null ? undefined : String(args[key]))
  const is = (key: string) => (args[key] === true ? true : undefined)
  const options: Record<string, unknown> = {
    profile: text("profile"),
    target: text("target"),
    vars: args.vars && JSON.stringify(args.vars),
    threads: text("threads"),
    select: texts("select"),
    exclude: texts("exclude"),
    selector: text("selector"),
    resourceType: texts("resource_types")?.length ? texts("resource_types") : undefined,
    excludeResourceType: texts("exclude_resource_types")?.length ? texts("exclude_resource_types") : undefined,
    indirectSelection: text("indirect_selection"),
    fullRefresh: is("full_refresh"),
    storeFailures: is("store_failures"),
    failFast: is("fail_fast"),
    empty: is("empty"),
    eventTimeStart: text("event_time_start"),
    eventTimeEnd: text("event_time_end"),
    defer: is("defer"),
    favorState: is("favor_state"),
    state: text("state"),
    deferState: text("defer_state"),
    warnError: is("warn_error"),
  }
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as RunFlags
}
