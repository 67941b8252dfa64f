import { toValue } from "../context/plain-value.ts"
import { Dict } from "../jinja/dict.ts"
import { toRepr, toText } from "../jinja/print.ts"
import type { Value } from "../jinja/values.ts"
import { md5 } from "./checksum.ts"
import type { TestMetadata } from "./node.ts"
import type { YamlMap } from "./read-yaml.ts"

/** The longest name that every database takes. */
const MAX_NAME = 63

export interface TestNames {
  /** All of it: test, target and arguments. */
  full: string
  /** At most 63 characters: `full`, or the first 30 of test and target and the hash of all. */
  short: string
}

/** The name of a generic test that has none of its own, as dbt makes it: of its arguments in the order of their names. */
export function genericTestNames(test: string, target: string, args: YamlMap): TestNames {
  const parts: string[] = []
  for (const name of Object.keys(args).sort()) {
    if (name === "model") continue
    const value = toValue(args[name])
    const values = Array.isArray(value) ? value : value instanceof Dict ? [...value.values()] : [value]
    parts.push(...values.map((each) => toText(each).replace(/[^0-9a-zA-Z_]+/g, "_")))
  }
  const identifier = `${test}_${target}`
  const full = `${identifier}_${parts.join("__")}`
  const short = full.length > MAX_NAME ? `${identifier.slice(0, 30)}_${md5(full)}` : full
  return { full, short }
}

/** The ten letters at the end of a generic test's unique id: a hash of its name and of Python's print of its metadata. */
export function genericTestHash(name: string, { kwargs, name: test, namespace }: TestMetadata): string {
  const hashable = sortedTexts(toValue({ kwargs, name: test, namespace }))
  return md5(name + toRepr(hashable)).slice(-10)
}

function sortedTexts(value: Value): Value {
  if (value instanceof Dict) {
    const keys = [...value.keys()].map(String).sort()
    return new Dict(keys.map((key) => [key, sortedTexts(value.get(key) ?? null)]))
  }
  return Array.isArray(value) ? value.map(sortedTexts) : toText(value)
}

/** Package and folders of a file, and so the place of what stands in it: `["shop", "staging"]`. */
export function fqnPrefix(packageName: string, relativePath: string): string[] {
  return [packageName, ...relativePath.split("/").slice(0, -1)]
}

/** A file's name without folders and extension. */
export function fileStem(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1).replace(/\.[^.]+$/, "")
}
