import { z } from "zod"
import { checked, parseMethod } from "./parse-criterion.ts"
import { namedSelector, parseUnion } from "./parse-selection.ts"
import { SelectionError } from "./selection-error.ts"
import { INDIRECT_SELECTIONS, type IndirectSelection, type SelectionSpec } from "./selection-spec.ts"

/** What selectors.yml defines. */
export interface YamlSelectors {
  specs: ReadonlyMap<string, SelectionSpec>
  descriptions: ReadonlyMap<string, string>
  /** Used by commands that are given no selection. */
  defaultName: string | null
}

const fileSchema = z.strictObject({
  selectors: z.array(
    z.strictObject({
      name: z.string().min(1),
      description: z.string().optional(),
      // Jinja has been rendered by then, and may have left a text.
      default: z.union([z.boolean(), z.stringbool()]).optional(),
      definition: z.unknown().refine((value) => value != null, "a selector needs a definition"),
    }),
  ),
})

/**
 * Reads selectors.yml, parsed and rendered (dbt's "YAML selectors"): texts as on the command line, `method: value`, full
 * definitions, `union`, `intersection`, `exclude`, and `method: selector`. A definition's own `indirect_selection` goes before
 * the given one.
 *
 * @throws SelectionError naming the selector and what is allowed.
 */
export function parseYamlSelectors(file: unknown, indirect: IndirectSelection = "eager"): YamlSelectors {
  const parsed = fileSchema.safeParse(file)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!
    throw new SelectionError(`selectors.yml, ${issue.path.join(".") || "top level"}: ${issue.message}.`)
  }
  const { selectors } = parsed.data
  const definitions = new Map<string, unknown>()
  for (const { name, definition } of selectors) {
    if (definitions.has(name)) throw new SelectionError(`selectors.yml defines "${name}" twice: rename one.`)
    definitions.set(name, definition)
  }
  const defaults = selectors.filter((each) => each.default === true).map(({ name }) => name)
  if (defaults.length > 1) {
    throw new SelectionError(`Only one selector may be the default; selectors.yml has ${defaults.join(" and ")}.`)
  }
  return {
    specs: resolveAll(definitions, indirect),
    descriptions: new Map(selectors.flatMap(({ name, description }) => (description ? [[name, description]] : []))),
    defaultName: defaults[0] ?? null,
  }
}

/** Selectors may use each other in any order. */
function resolveAll(
  definitions: ReadonlyMap<string, unknown>,
  indirect: IndirectSelection,
): Map<string, SelectionSpec> {
  const specs = new Map<string, SelectionSpec>()
  const open: string[] = []
  const resolve = (name: string): SelectionSpec => {
    const known = specs.get(name)
    if (known) return known
    if (open.includes(name)) {
      const path = [...open.slice(open.indexOf(name)), name].join(" → ")
      throw new SelectionError(`Selectors use each other in a circle: ${path}.`)
    }
    // Names all there are when this one is not among them.
    if (!definitions.has(name))
      return namedSelector(name, new Map([...definitions.keys()].map((each) => [each, EMPTY])))
    open.push(name)
    const spec = parseDefinition(definitions.get(name), { name, indirect, resolve }, true)
    open.pop()
    specs.set(name, spec)
    return spec
  }
  for (const name of definitions.keys()) resolve(name)
  return specs
}

const EMPTY: SelectionSpec = { kind: "union", parts: [], indirect: "eager", mustMatch: null }

interface Reading {
  /** The selector that is read, for messages. */
  name: string
  indirect: IndirectSelection
  resolve(name: string): SelectionSpec
}

type Definition = Record<string, unknown>

function parseDefinition(definition: unknown, reading: Reading, isRoot = false): SelectionSpec {
  if (typeof definition === "string") return parseText(definition, reading)
  if (!isDefinition(definition)) {
    return refuse(reading, `a definition is a text, a method with its value, a union or an intersection`)
  }
  const set = (["union", "intersection"] as const).find((key) => key in definition)
  if (!set) return parseMethodDefinition(definition, reading)
  if (isRoot && Object.keys(definition).length > 1) {
    return refuse(reading, `beside "${set}" nothing may stand, but there is ${Object.keys(definition).join(", ")}`)
  }
  return parseSet(set, definition[set], reading)
}

/** As on the command line, `selector:name` and spaces included. */
function parseText(text: string, { indirect, resolve }: Reading): SelectionSpec {
  const names = [...text.matchAll(/(?:^|[\s,])selector:([^\s,]+)/g)].map(([, name]) => name!)
  return parseUnion([text], indirect, false, new Map(names.map((name) => [name, resolve(name)])))
}

function parseSet(kind: "union" | "intersection", value: unknown, reading: Reading): SelectionSpec {
  const items = listOf(value, kind, reading)
  const isExclusion = (item: unknown): item is Definition =>
    isDefinition(item) && "exclude" in item && !("method" in item) && Object.keys(item).length === 1
  const exclusions = items.filter(isExclusion)
  if (exclusions.length > 1) return refuse(reading, `a ${kind} may have one exclude; put all into its list`)
  const parts = items.filter((item) => !isExclusion(item)).map((item) => parseDefinition(item, reading))
  // As in dbt 1.9, sets of selectors.yml bring no waiting tests in: each criterion decides by itself.
  const group: SelectionSpec = { kind, parts, indirect: "eager", mustMatch: null }
  return exclusions[0] ? without(group, exclusions[0].exclude, reading) : group
}

const criterionSchema = z.strictObject({
  method: z.string(),
  value: z.union([z.string(), z.number(), z.boolean()]).transform(String),
  parents: z.boolean().optional(),
  children: z.boolean().optional(),
  parents_depth: z.int().min(0).optional(),
  children_depth: z.int().min(0).optional(),
  childrens_parents: z.boolean().optional(),
  indirect_selection: z.enum(INDIRECT_SELECTIONS).optional(),
  exclude: z.array(z.unknown()).optional(),
})

function parseMethodDefinition(definition: Definition, reading: Reading): SelectionSpec {
  const keys = Object.keys(definition)
  const isShort = keys.length === 1 && keys[0] !== "method" && keys[0] !== "value"
  if (keys[0] === "exclude" && isShort) return refuse(reading, `exclude stands beside a method, or in a union`)
  const full = isShort ? { method: keys[0], value: definition[keys[0]!] } : definition
  const parsed = criterionSchema.safeParse(full)
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    const allowed = Object.keys(criterionSchema.shape).join(", ")
    return refuse(reading, `${path.join(".") || "definition"}: ${message}; allowed are ${allowed}`)
  }
  const { method, value, exclude, ...operators } = parsed.data
  const base = method === "selector" ? inherit(value, operators, reading) : criterion(parsed.data, reading)
  return exclude ? without(base, exclude, reading) : base
}

/** Another selector's nodes are taken as they are. */
function inherit(name: string, operators: object, reading: Reading): SelectionSpec {
  const given = Object.keys(operators)
  if (given.length > 0) return refuse(reading, `method: selector takes no ${given.join(", ")}`)
  return reading.resolve(name)
}

function criterion(full: z.output<typeof criterionSchema>, reading: Reading): SelectionSpec {
  const raw = `${full.method}:${full.value}`
  return checked({
    kind: "criterion",
    raw,
    ...parseMethod(full.method, raw),
    value: full.value,
    parentsDepth: full.parents ? (full.parents_depth ?? Number.POSITIVE_INFINITY) : 0,
    childrenDepth: full.children ? (full.children_depth ?? Number.POSITIVE_INFINITY) : 0,
    childrensParents: full.childrens_parents ?? false,
    indirect: full.indirect_selection ?? reading.indirect,
  })
}

function without(base: SelectionSpec, exclude: unknown, reading: Reading): SelectionSpec {
  const parts = listOf(exclude, "exclude", reading).map((item) => parseDefinition(item, reading))
  return { kind: "difference", parts: [base, ...parts], indirect: "eager", mustMatch: null }
}

function listOf(value: unknown, key: string, reading: Reading): unknown[] {
  return Array.isArray(value) ? value : refuse(reading, `"${key}" takes a list`)
}

function isDefinition(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

function refuse({ name }: Reading, reason: string): never {
  throw new SelectionError(`Selector "${name}": ${reason}.`)
}
