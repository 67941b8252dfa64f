import type { Dict } from "../jinja/dict.ts"
import type { Value } from "../jinja/values.ts"
import type { Target } from "../project/profile.ts"
import { HostRecord } from "./host-record.ts"
import { toValue } from "./plain-value.ts"

/** Keys of an output that templates may not see. */
const SECRET = /pass|secret|token|private|key(file)?$|credential/i

/** `target`: the connection that is built into, without its secrets. */
export function targetValue({ credentials, database, schema, type, threads, name, profileName }: Target): Dict {
  const open = Object.entries(credentials).filter(([key]) => !SECRET.test(key) || key.startsWith("keepalives"))
  return toValue({
    ...Object.fromEntries(open),
    database,
    dbname: database,
    schema,
    type,
    threads,
    name,
    target_name: name,
    profile_name: profileName,
  }) as Dict
}

/** What an invocation was asked for, as `flags` shows it. */
export interface Flags {
  fullRefresh: boolean
  storeFailures: boolean
  empty: boolean
  failFast: boolean
  /** All warnings are errors. */
  warnError: boolean
  quiet: boolean
  debug: boolean
  /** The command: `run`, `build`, `parse` … */
  which: string
}

export const NO_FLAGS: Flags = {
  fullRefresh: false,
  storeFailures: false,
  empty: false,
  failFast: false,
  warnError: false,
  quiet: false,
  debug: false,
  which: "parse",
}

export function flagsValue({
  fullRefresh,
  storeFailures,
  empty,
  failFast,
  warnError,
  quiet,
  debug,
  which,
}: Flags): Value {
  const values: [string, Value][] = [
    ["FULL_REFRESH", fullRefresh],
    ["STORE_FAILURES", storeFailures],
    ["EMPTY", empty],
    ["FAIL_FAST", failFast],
    ["WHICH", which],
    ["WARN_ERROR", warnError],
    ["DEBUG", debug],
    ["QUIET", quiet],
    ["CACHE_SELECTED_ONLY", false],
    ["INTROSPECT", true],
    ["PARTIAL_PARSE", true],
    ["USE_COLORS", false],
    ["VERSION_CHECK", true],
    ["WRITE_JSON", true],
    ["TARGET_PATH", null],
    ["PROFILES_DIR", null],
  ]
  return new HostRecord(
    "flags",
    new Map(
      values.flatMap(([name, value]) => [
        [name, value],
        [name.toLowerCase(), value],
      ]),
    ),
  )
}
