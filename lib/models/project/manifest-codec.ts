import type { MacroRegistry } from "./macro-registry.ts"
import { emptyManifest, type Manifest } from "./manifest.ts"
import { YamlFloat } from "./yaml-scalars.ts"

/** The parts of a manifest that are kept whole; of macros, which are read anew each time, what other files say of them is. */
const PARTS = [
  "nodes",
  "sources",
  "docs",
  "exposures",
  "metrics",
  "semanticModels",
  "savedQueries",
  "groups",
  "unitTests",
  "selectors",
] as const

/** Rows of numbers: which keys a thing has, then for each of them where its value stands in the pool. */
interface Encoded {
  projectName: string
  adapterType: string
  keys: string[][]
  pool: unknown[]
  parts: Record<(typeof PARTS)[number], [string, ...number[]][]>
  disabled: [string, number[][]][]
  macros: [string, Record<string, unknown>][]
}

const FLOAT = "\0float"

/**
 * A manifest as text. Values of fields that are equal (configs above all) are written once, which makes it a third as long and
 * as fast to read; who reads it gets one object for all of them.
 */
export function encodeManifest(manifest: Manifest): string {
  const pool: unknown[] = []
  const places = new Map<string, number>()
  const keys: string[][] = []
  const keyPlaces = new Map<string, number>()
  const place = (value: unknown): number => {
    const text = typeof value === "string" ? `"${value}` : JSON.stringify(value)
    let at = places.get(text)
    if (at === undefined) {
      at = pool.push(value) - 1
      places.set(text, at)
    }
    return at
  }
  const encode = (thing: object): number[] => {
    const own = Object.keys(thing)
    const joined = own.join()
    let at = keyPlaces.get(joined)
    if (at === undefined) {
      at = keys.push(own) - 1
      keyPlaces.set(joined, at)
    }
    return [at, ...own.map((key) => place((thing as Record<string, unknown>)[key] ?? null))]
  }
  const parts = Object.fromEntries(
    PARTS.map((part) => [
      part,
      [...(manifest[part] as ReadonlyMap<string, object>)].map(([id, each]) => [id, ...encode(each)]),
    ]),
  ) as Encoded["parts"]
  const disabled = [...manifest.disabled].map(([id, things]): [string, number[][]] => [id, things.map(encode)])
  const macros = [...manifest.macros.values()].map(
    ({ unique_id, patch_path, description, meta, docs, arguments: args, depends_on }): Encoded["macros"][number] => {
      const patch = patch_path === null ? {} : { patch_path, description, meta, docs, arguments: args }
      return [unique_id, { depends_on, ...patch }]
    },
  )
  const { projectName, adapterType } = manifest
  return stringify({ projectName, adapterType, keys, pool, parts, disabled, macros } satisfies Encoded)
}

/** The manifest of such a text, with the macros of the registry, which get what properties files said of them. */
export function decodeManifest(text: string, registry: MacroRegistry): Manifest {
  const { projectName, adapterType, keys, pool, parts, disabled, macros } = parse(text)
  const manifest = emptyManifest(projectName, adapterType)
  // Copying an object that has the keys already is faster than adding them one by one.
  const blanks = keys.map((own): Record<string, unknown> => Object.fromEntries(own.map((key) => [key, null])))
  const decode = (row: readonly (string | number)[], from: number): object => {
    const own = keys[row[from] as number]!
    const thing = { ...blanks[row[from] as number] }
    for (let index = 0; index < own.length; index++) thing[own[index]!] = pool[row[from + index + 1] as number]
    return thing
  }
  for (const part of PARTS) {
    const map = manifest[part] as Map<string, object>
    for (const row of parts[part]) map.set(row[0], decode(row, 1))
  }
  for (const [id, rows] of disabled) manifest.disabled.set(id, rows.map((row) => decode(row, 0)) as never)
  for (const macro of registry.all()) manifest.macros.set(macro.unique_id, macro)
  for (const [id, patch] of macros) Object.assign(manifest.macros.get(id) ?? {}, patch)
  return manifest
}

/** JSON cannot tell 1.0 from 1, which tests' arguments may need. */
function stringify(value: Encoded): string {
  return JSON.stringify(value, function replace(this: Record<string, unknown>, key, converted) {
    const original = this[key]
    return original instanceof YamlFloat ? { [FLOAT]: original.value } : (converted as unknown)
  })
}

function parse(text: string): Encoded {
  // A reviver visits every value, so there is one only where a text says that it is needed.
  if (!text.includes(JSON.stringify(FLOAT).slice(1, -1))) return JSON.parse(text) as Encoded
  return JSON.parse(text, (_, value: unknown) => {
    const isFloat = typeof value === "object" && value !== null && FLOAT in value
    return isFloat ? new YamlFloat(Number(value[FLOAT])) : value
  }) as Encoded
}
