import { isMap, isScalar, isSeq, LineCounter, type Node, Pair, parseDocument, type ScalarTag, stringify } from "yaml"
import { ProjectError } from "./project-error.ts"

/** What a YAML file of a project holds. Whole numbers are numbers; floats that look whole (`1.0`) stay told apart. */
export type Yaml = null | boolean | number | string | YamlFloat | Yaml[] | { [key: string]: Yaml }
export type YamlMap = { [key: string]: Yaml }

/** A float without a fraction, which prints as `1.0` where a template prints it. Other floats are plain numbers. */
export class YamlFloat {
  readonly value: number
  constructor(value: number) {
    this.value = value
  }
  toJSON(): number {
    return this.value
  }
}

/** The way to a value inside a file: keys and indexes. */
export type YamlPath = readonly (string | number)[]

export interface YamlFile {
  file: string
  value: Yaml
  /** Line and column of what lies at the path, or of the nearest thing around it that exists. */
  at(path: YamlPath): { line: number; column: number }
}

/**
 * Reads YAML as dbt does, which is PyYAML's SafeLoader (YAML 1.1): yes/no/on/off are booleans but y and n are not, `12:30` is
 * a number of base 60, `010` is eight, `1e3` is text, of equal keys the last counts, `<<` merges. Dates stay text, which is
 * how templates print them.
 * @throws ProjectError with line and column where the text is no YAML.
 */
export function readYaml(text: string, file: string): YamlFile {
  const document = parse(text)
  const [error] = document.errors
  if (error) {
    const [start] = error.linePos ?? []
    const message = error.message.split(/ at line \d+| in/)[0]
    throw new ProjectError({
      file,
      line: start?.line ?? 1,
      column: start?.col ?? 1,
      message: `not valid YAML: ${message}`,
    })
  }
  return {
    file,
    value: document.toJS({ maxAliasCount: -1 }) as Yaml,
    at: (path) => positionOf(text, path),
  }
}

/** A value as YAML text, in blocks, as `toyaml` writes it. */
export function writeYaml(value: unknown, options: { sortKeys?: boolean } = {}): string {
  return stringify(value, { sortMapEntries: options.sortKeys ?? false, lineWidth: 0, version: "1.1" })
}

function parse(text: string, lineCounter?: LineCounter) {
  return parseDocument(text, {
    version: "1.1",
    schema: "failsafe",
    customTags: SCALARS,
    merge: true,
    uniqueKeys: false,
    logLevel: "silent",
    prettyErrors: true,
    ...(lineCounter && { lineCounter }),
  })
}

const scalar = (name: string, test: RegExp, resolve: (text: string) => unknown): ScalarTag => ({
  tag: `tag:yaml.org,2002:${name}`,
  default: true,
  test,
  resolve,
})

/** The implicit types of PyYAML's resolver, in its order. */
const SCALARS: ScalarTag[] = [
  scalar("bool", /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/, (text) =>
    /^(yes|true|on)$/i.test(text),
  ),
  scalar(
    "float",
    /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
    readFloat,
  ),
  scalar(
    "int",
    /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
    readInt,
  ),
  scalar("null", /^(?:~|null|Null|NULL|)$/, () => null),
]

function readInt(text: string): number {
  const digits = text.replace(/_/g, "").replace(/^[-+]/, "")
  const sign = text.startsWith("-") ? -1 : 1
  if (digits.includes(":")) return sign * base60(digits)
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8)
  return sign * Number(digits)
}

function readFloat(text: string): number | YamlFloat {
  const digits = text.replace(/_/g, "").replace(/^[-+]/, "").toLowerCase()
  const sign = text.startsWith("-") ? -1 : 1
  if (digits === ".nan") return Number.NaN
  if (digits === ".inf") return sign * Number.POSITIVE_INFINITY
  const value = sign * (digits.includes(":") ? base60(digits) : Number(digits))
  return Number.isInteger(value) ? new YamlFloat(value) : value
}

function base60(text: string): number {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
}

/** Reads the text again, which only errors do: without positions, reading is faster. */
function positionOf(text: string, path: YamlPath): { line: number; column: number } {
  const lines = new LineCounter()
  let node: unknown = parse(text, lines).contents
  let offset = (node as Node | null)?.range?.[0] ?? 0
  for (const key of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(key))
      if (!(pair instanceof Pair)) break
      offset = (pair.key as Node).range?.[0] ?? offset
      node = pair.value
    } else if (isSeq(node) && typeof key === "number") {
      node = node.items[key]
      offset = (node as Node | null)?.range?.[0] ?? offset
    } else break
  }
  const { line, col } = lines.linePos(offset)
  return { line, column: col }
}
