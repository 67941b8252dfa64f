import { createRequire } from "node:module"
import type { LineCounter, Node, ScalarTag } from "yaml"
import { ProjectError } from "./project-error.ts"
import { readPlainYaml } from "./read-plain-yaml.ts"
import { PLAIN_SCALARS, type YamlFloat } from "./yaml-scalars.ts"

/** Loaded when it is first needed: plain files are read without it, and each thread would load its seventy files. */
const yaml = (): typeof import("yaml") => {
  library ??= createRequire(import.meta.url)("yaml") as typeof import("yaml")
  return library
}
let library: typeof import("yaml") | null = null

/** What a YAML file of a project holds. Whole numbers are numbers; floats that look whole (`1.0`) stay told apart. */
export type Yaml = null | boolean | number | string | YamlFloat | Yaml[] | { [key: string]: Yaml }
export type YamlMap = { [key: string]: Yaml }

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
  // Read again with positions when the first of them is asked for, which only errors do: without, reading is far faster.
  let positions: ((path: YamlPath) => { line: number; column: number }) | null = null
  const at = (path: YamlPath) => {
    positions ??= readPositions(text)
    return positions(path)
  }
  const plain = readPlainYaml(text)
  if (plain !== undefined) return { file, value: plain, at }
  return { file, value: readAnyYaml(text, file), at }
}

/** As {@link readYaml}, always by the library. */
export function readAnyYaml(text: string, file: string): Yaml {
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
  if (!text.endsWith("\n")) endWithoutLineEnd(document.contents, text.length)
  return document.toJS({ maxAliasCount: -1 }) as Yaml
}

/** The library gives a text block at the very end of a file a line end that is not there; PyYAML does not. */
function endWithoutLineEnd(contents: unknown, length: number): void {
  const { isMap, isScalar, isSeq } = yaml()
  let last = contents
  while (isMap(last) || isSeq(last)) last = isMap(last) ? last.items.at(-1)?.value : last.items.at(-1)
  if (!isScalar(last) || typeof last.value !== "string" || !last.type?.startsWith("BLOCK")) return
  if ((last.range?.[1] ?? 0) >= length) last.value = last.value.replace(/\n$/, "")
}

/** A value as YAML text, in blocks, as `toyaml` writes it. */
export function writeYaml(value: unknown, options: { sortKeys?: boolean } = {}): string {
  return yaml().stringify(value, { sortMapEntries: options.sortKeys ?? false, lineWidth: 0, version: "1.1" })
}

function parse(text: string, lineCounter?: LineCounter) {
  return yaml().parseDocument(text, {
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

const SCALARS: ScalarTag[] = PLAIN_SCALARS.map(({ name, test, resolve }) => ({
  tag: `tag:yaml.org,2002:${name}`,
  default: true,
  test,
  resolve,
}))

function readPositions(text: string): (path: YamlPath) => { line: number; column: number } {
  const lines = new (yaml().LineCounter)()
  const root = parse(text, lines).contents
  return (path) => {
    const { line, col } = lines.linePos(offsetOf(root, path))
    return { line, column: col }
  }
}

/** Where the value at the path begins, or for a key of a map its key; of what is not there, what would hold it. */
function offsetOf(root: Node | null, path: YamlPath): number {
  const { isMap, isScalar, isSeq, Pair } = yaml()
  let node: unknown = root
  let offset = root?.range?.[0] ?? 0
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
  return offset
}

export { YamlFloat } from "./yaml-scalars.ts"
