import { type Command, Option } from "commander"
import { INDIRECT_SELECTIONS, type IndirectSelection } from "#lib/models/selection/selection-spec.ts"

/** Options of all dbt commands. */
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
  logFormat?: string
  warnError?: boolean
  warnErrorOptions?: string
  partialParse?: boolean
}

/** Of commands that work on a selection, also against the artifacts of an earlier invocation. */
export interface SelectOptions extends GlobalOptions {
  select?: string[]
  models?: string[]
  exclude?: string[]
  selector?: string
  indirectSelection?: IndirectSelection
  resourceType?: string[]
  excludeResourceType?: string[]
  state?: string
  defer?: boolean
  deferState?: string
  favorState?: boolean
}

/** Of commands that run nodes. */
export interface RunFlags extends SelectOptions {
  fullRefresh?: boolean
  storeFailures?: boolean
  empty?: boolean
  failFast?: boolean
  limit?: string
  inline?: string
  output?: string
  eventTimeStart?: string
  eventTimeEnd?: string
}

export function addGlobalOptions(command: Command): Command {
  return (
    command
      .option("--project-dir <folder>", "where dbt_project.yml is (or DBT_PROJECT_DIR; default: here or above)")
      .option("--profiles-dir <folder>", "where profiles.yml is (or DBT_PROFILES_DIR)")
      .option("--profile <name>", "instead of the profile that the project names")
      .option("-t, --target <name>", "instead of the target that the profile names")
      .option("--target-path <folder>", "where artifacts go (or DBT_TARGET_PATH; default: target)")
      .option("--vars <yaml>", "vars, as '{key: value}'")
      .option("--threads <count>", "how many nodes run at a time")
      .option("-q, --quiet", "print errors and what was asked for alone")
      .option("-d, --debug", "print what templates log")
      .addOption(new Option("--log-format <form>", "how to print").choices(["text", "json", "debug", "default"]))
      .option("--warn-error", "take warnings for errors")
      .option("--warn-error-options <yaml>", "which of them, as '{error: all, warn: [Name], silence: [Name]}'")
      .addOption(new Option("--partial-parse").hideHelp())
      .option("--no-partial-parse", "parse all files, also those that have not changed")
      // Taken for the sake of scripts, and passed over.
      .addOption(new Option("--use-colors").hideHelp())
      .addOption(new Option("--no-use-colors").hideHelp())
      .addOption(new Option("--log-level <level>").hideHelp())
      .addOption(new Option("--no-version-check").hideHelp())
      .addOption(new Option("--no-write-json").hideHelp())
      .addOption(new Option("--no-populate-cache").hideHelp())
      .addOption(new Option("--no-send-anonymous-usage-stats").hideHelp())
  )
}

export function addSelectOptions(command: Command): Command {
  return command
    .option("-s, --select <nodes...>", "what to work on, in dbt's selection syntax")
    .option("-m, --models <nodes...>", "as --select")
    .option("--exclude <nodes...>", "what of that to leave out")
    .option("--selector <name>", "a selection of selectors.yml")
    .option("--resource-type <types...>", "only these")
    .option("--exclude-resource-type <types...>", "not these")
    .addOption(new Option("--indirect-selection <mode>", "which tests go along").choices(INDIRECT_SELECTIONS))
    .option("--state <folder>", "artifacts of an earlier invocation to compare with (or DBT_STATE)")
}

export function addDeferOptions(command: Command): Command {
  return command
    .option(
      "--defer",
      "read what is not selected and not built here where the earlier invocation built it (or DBT_DEFER)",
    )
    .option("--no-defer", "do not")
    .option("--defer-state <folder>", "its artifacts, where they are not those of --state")
    .option("--favor-state", "read what is not selected there even if it is built here")
}

export function addRunOptions(command: Command): Command {
  return command
    .option("-f, --full-refresh", "build incremental models and seeds anew")
    .option("--store-failures", "keep what tests find")
    .option("--empty", "read no rows: checks that everything runs")
    .option("-x, --fail-fast", "begin nothing after the first failure")
    .option("--event-time-start <instant>", "microbatch models: from when to build")
    .option("--event-time-end <instant>", "until when, this instant excluded")
}

/** The options of a command with those before its name, under one name each. */
export function optionsOf<Options extends RunFlags>(command: Command): Options {
  const { models, ...options } = command.optsWithGlobals<Options>()
  const select = options.select ?? models
  return (select ? { ...options, select } : options) as Options
}

/** Whether an environment variable says yes. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && /^(1|t|true|y|yes|on)$/i.test(value)
}

/** Whether it says no. */
export function isUnset(value: string | undefined): boolean {
  return value !== undefined && /^(0|f|false|n|no|off)$/i.test(value)
}
