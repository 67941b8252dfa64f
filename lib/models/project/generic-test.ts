import { toValue } from "../context/plain-value.ts"
import { toRepr } from "../jinja/print.ts"
import { isRecord } from "./merge-config.ts"
import { genericTestHash, genericTestNames } from "./names.ts"
import type { TestMetadata } from "./node.ts"
import type { YamlMap } from "./read-yaml.ts"

/** A generic test as an entry of `data_tests:` asks for it. */
export interface GenericTest {
  /** Macro `test_<name>` of the namespace, or of whoever is asked first. */
  metadata: TestMetadata
  /** The whole name, or the one it was given. */
  name: string
  /** The name that fits everywhere: of its file and its relation. */
  shortName: string
  hash: string
  /** What the entry sets of its config, in the order in which it is written out. */
  config: YamlMap
  description: string
  rawCode: string
}

/** What a test stands at. */
export interface TestTarget {
  /** `ref('orders')`, or `source('shop', 'orders')`. */
  call: string
  /** Its part of a test's name: `orders`, `shop_orders`. */
  name: string
  isSource: boolean
  /** Of the model, where it has several. */
  version: string | number | null
  columnName: string | null
}

/** Keys that older projects have among the arguments; they are config. */
const CONFIG_ARGUMENTS = [
  "severity",
  "tags",
  "enabled",
  "where",
  "limit",
  "warn_if",
  "error_if",
  "fail_calc",
  "store_failures",
  "store_failures_as",
  "meta",
  "database",
  "schema",
  "alias",
]

/**
 * Reads an entry: `unique`, `{accepted_values: {values: […]}}`, or `{name: …, test_name: unique, …}`. Arguments may stand
 * beside `config` or under `arguments`. `render` renders what goes into config.
 * @throws Error with what is wrong, as text.
 */
export function readGenericTest(entry: unknown, target: TestTarget, render: (value: unknown) => unknown): GenericTest {
  const [testName, given] = splitEntry(entry)
  const { arguments: named, ...flat } = given
  if (named !== undefined && named !== null && !isRecord(named)) throw new Error('"arguments" has to be a map.')
  const args = { ...flat, ...named } as YamlMap
  if (args.model !== undefined) throw new Error('a test gets its model by itself; remove the argument "model".')
  const match = /^(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)/.exec(testName)
  if (!match) throw new Error(`"${testName}" is no name of a test.`)
  if (target.columnName !== null) args.column_name = target.columnName
  args.model = `{{ get_where_subquery(${target.call}) }}`
  const { config: nested, name: custom, description, ...kwargs } = takeConfig(args, render)
  const metadata: TestMetadata = { name: match[2]!, namespace: match[1] ?? null, kwargs: kwargs.args }
  const prefix = `${target.isSource ? "source_" : ""}${metadata.name}`
  const names =
    custom === undefined
      ? genericTestNames(metadata.namespace ? `${metadata.namespace}_${prefix}` : prefix, target.name, kwargs.args)
      : { full: custom, short: custom }
  if (names.short !== names.full && !("alias" in nested)) nested.alias = names.short
  const macro = `${metadata.namespace ? `${metadata.namespace}.` : ""}test_${metadata.name}`
  return {
    metadata,
    name: names.full,
    shortName: names.short,
    hash: genericTestHash(names.full, metadata),
    config: nested,
    description: description ?? "",
    rawCode: `{{ ${macro}(**_dbt_generic_test_kwargs) }}${writeConfig(nested)}`,
  }
}

function splitEntry(entry: unknown): [string, Record<string, unknown>] {
  if (typeof entry === "string") return [entry, {}]
  if (!isRecord(entry))
    throw new Error("a test is written as its name, or as its name with a map of arguments below it.")
  const { test_name: testName, ...rest } = entry
  if (typeof testName === "string") return [testName, rest]
  const [first, ...more] = Object.entries(entry)
  if (!first || more.length > 0) {
    const keys = Object.keys(entry).join(", ")
    throw new Error(
      `a test is a map with one key, its name, but this one has ${keys || "none"}; indent its arguments below it.`,
    )
  }
  const [name, args] = first
  if (args !== null && !isRecord(args)) throw new Error(`the arguments of test "${name}" have to be a map.`)
  return [name, args ?? {}]
}

function takeConfig(args: YamlMap, render: (value: unknown) => unknown) {
  const { config: nested, name, description, ...others } = args
  const config: YamlMap = {}
  const rest: YamlMap = { ...others }
  for (const key of CONFIG_ARGUMENTS) {
    if (key in rest) config[key] = render(rest[key]) as YamlMap[string]
    delete rest[key]
  }
  if (isRecord(nested)) Object.assign(config, render(nested))
  const inOrder = [...CONFIG_ARGUMENTS.filter((key) => key in config), ...Object.keys(config)]
  return {
    config: Object.fromEntries(inOrder.map((key) => [key, config[key]!])) as YamlMap,
    name: name === undefined || name === null ? undefined : String(name),
    description: typeof description === "string" ? description : undefined,
    args: rest,
  }
}

/** As dbt writes it: texts in double quotes, all else as Python prints it. */
function writeConfig(config: YamlMap): string {
  const parts = Object.entries(config).map(([key, value]) => {
    const text = typeof value === "string" ? `"${value.replaceAll('"', '\\"')}"` : toRepr(toValue(value))
    return `${key}=${text}`
  })
  return parts.length === 0 ? "" : `{{ config(${parts.join(",")}) }}`
}
