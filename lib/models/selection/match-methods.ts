import { assertNever } from "#lib/domain/assert-never.ts"
import { fnmatch, hasWildcard, pathMatch } from "./fnmatch.ts"
import { type EarlierState, RESOURCE_TYPES, type ResourceType, type Selectable } from "./selectable.ts"
import { SelectionError } from "./selection-error.ts"
import type { Criterion } from "./selection-spec.ts"
import { stateMatcher } from "./state-matcher.ts"

/** Says of a node whether a criterion means it, operators aside. */
export type Matcher = (node: Selectable) => boolean

export interface MatchContext {
  /** What `package:this` means. */
  rootPackage: string | null
  earlier: EarlierState
}

/** The matcher of a criterion (dbt's "Methods"). @throws SelectionError for values that the method does not know. */
export function matcherOf(criterion: Criterion, context: MatchContext): Matcher {
  const { method, value } = criterion
  switch (method) {
    case "fqn":
      return (node) => node.resourceType !== "source" && matchesFqn(node, value)
    case "tag":
      return ({ tags }) => tags.some((tag) => fnmatch(tag, value))
    case "group":
      return ({ group }) => group !== null && fnmatch(group, value)
    case "access": {
      const wanted = oneOf(criterion, ["private", "protected", "public"])
      return ({ access }) => access === wanted
    }
    case "source":
      return sourceMatcher(criterion)
    case "path":
      return pathMatcher(value)
    case "file":
      return ({ originalFilePath }) => {
        const name = originalFilePath.split("/").at(-1)!
        return fnmatch(name, value) || fnmatch(name.replace(/\.[^.]*$/, ""), value)
      }
    case "package": {
      const wanted = value === "this" && context.rootPackage !== null ? context.rootPackage : value
      return (node) => fnmatch(node.package, wanted)
    }
    case "config":
      return (node) => HAS_CONFIG.has(node.resourceType) && matchesConfig(node.config, criterion)
    case "test_name":
      return ({ test, name }) => {
        const tested = test?.kind === "unit" ? name : test?.name
        return tested != null && fnmatch(tested, value)
      }
    case "test_type":
      return testTypeMatcher(criterion)
    case "resource_type": {
      const type = oneOf(criterion, RESOURCE_TYPES)
      return ({ resourceType }) => resourceType === type
    }
    case "exposure":
    case "metric":
    case "semantic_model":
    case "saved_query":
    case "unit_test":
      return namedMatcher(criterion, method)
    case "version":
      return versionMatcher(criterion)
    case "state":
      return stateMatcher(criterion, context.earlier)
    case "result": {
      const { results } = context.earlier
      if (!results) throw new SelectionError(`"${criterion.raw}" needs results of an earlier run: give --state.`)
      return ({ id }) => results.get(id) === value
    }
    case "source_status":
      return freshnessMatcher(criterion, context.earlier)
    default:
      return assertNever(method)
  }
}

/** Values of a closed list. @throws SelectionError */
export function oneOf<T extends string>({ raw, method, value }: Criterion, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value)
  if (found === undefined) {
    throw new SelectionError(`"${raw}": ${method} is one of ${allowed.join(", ")}, not "${value}".`)
  }
  return found
}

/** Kinds whose settings dbt looks at; sources have few. */
const HAS_CONFIG = new Set<ResourceType>(["model", "test", "seed", "snapshot", "analysis", "sql_operation", "source"])

/** The name alone, or folders from the left with or without the package; wildcards match the rest. */
function matchesFqn({ fqn, version }: Selectable, value: string): boolean {
  return matchesName(fqn, value, version !== null) || matchesName(fqn.slice(1), value, version !== null)
}

function matchesName(fqn: readonly string[], value: string, isVersioned: boolean): boolean {
  const wanted = value.split(".")
  if (isVersioned) {
    if (fqn.at(-2) === value || fqn.slice(-2).join("_") === wanted.slice(-2).join("_")) return true
  } else if (fqn.at(-1) === value) return true
  const parts = fqn.flatMap((part) => part.split("."))
  if (parts.length < wanted.length) return false
  const wild = wanted.findIndex(hasWildcard)
  const fixed = wild === -1 ? wanted : wanted.slice(0, wild)
  if (fixed.some((part, index) => part !== parts[index])) return false
  return wild === -1 || fnmatch(parts.slice(wild).join("."), wanted.slice(wild).join("."))
}

/** `source`, `source.table` or `package.source.table`. */
function sourceMatcher({ raw, value }: Criterion): Matcher {
  const parts = value.split(".")
  if (parts.length > 3) {
    throw new SelectionError(`"${raw}": a source is written source, source.table or package.source.table.`)
  }
  const [inPackage, source, table] = parts.length === 3 ? parts : ["*", parts[0]!, parts[1] ?? "*"]
  return (node) =>
    node.resourceType === "source" &&
    fnmatch(node.package, inPackage!) &&
    fnmatch(node.sourceName ?? "", source!) &&
    fnmatch(node.name, table!)
}

/** `name` or `package.name`. */
function namedMatcher({ raw, method, value }: Criterion, type: ResourceType): Matcher {
  const parts = value.split(".")
  if (parts.length > 2) throw new SelectionError(`"${raw}": ${method} takes name or package.name.`)
  const [inPackage, name] = parts.length === 2 ? parts : ["*", parts[0]]
  return (node) => node.resourceType === type && fnmatch(node.package, inPackage!) && fnmatch(node.name, name!)
}

/** The file itself, the file of its properties, or a folder above it. */
function pathMatcher(value: string): Matcher {
  const pattern = value.replace(/^(\.\/)+/, "").replace(/\/+$/, "")
  return ({ originalFilePath, propertiesPath }) => {
    if (propertiesPath !== null && pathMatch(propertiesPath, pattern)) return true
    for (let path = originalFilePath; path !== ""; path = path.slice(0, Math.max(0, path.lastIndexOf("/")))) {
      if (pathMatch(path, pattern)) return true
    }
    return pattern === "."
  }
}

function matchesConfig(config: Readonly<Record<string, unknown>>, { path, value: wanted }: Criterion): boolean {
  let value: unknown = config
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return false
    value = (value as Record<string, unknown>)[key]
  }
  const ignoreCase = path.length === 1 && path[0] === "severity"
  if (Array.isArray(value)) return value.some((each) => matchesScalar(each, wanted, ignoreCase))
  if (typeof value === "object" && value !== null) return Object.keys(value).some((key) => fnmatch(key, wanted))
  return matchesScalar(value, wanted, ignoreCase)
}

function matchesScalar(value: unknown, wanted: string, ignoreCase: boolean): boolean {
  if (typeof value === "boolean") return String(value) === wanted.toLowerCase()
  if (value === null || value === undefined || typeof value === "object") return false
  const text = String(value)
  return ignoreCase ? fnmatch(text.toLowerCase(), wanted.toLowerCase()) : fnmatch(text, wanted)
}

/** `schema` is the old name of generic; `data` meant singular once and is all but unit tests now. */
function testTypeMatcher(criterion: Criterion): Matcher {
  const type = oneOf(criterion, ["generic", "singular", "data", "unit", "schema"])
  const kinds = type === "data" ? ["generic", "singular"] : [type === "schema" ? "generic" : type]
  return ({ test }) => test !== null && kinds.includes(test.kind)
}

function versionMatcher(criterion: Criterion): Matcher {
  const wanted = oneOf(criterion, ["latest", "prerelease", "old", "none"])
  return ({ resourceType, version, latestVersion }) => {
    if (resourceType !== "model") return false
    if (wanted === "none" || version === null) return wanted === "none" && version === null
    const order = compareVersions(version, latestVersion ?? version)
    return wanted === "latest" ? order === 0 : wanted === "old" ? order < 0 : order > 0
  }
}

/** As numbers where both are, else as text. */
function compareVersions(one: string | number, other: string | number): number {
  const [a, b] = [Number(one), Number(other)]
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b
  return String(one) < String(other) ? -1 : Number(String(one) > String(other))
}

function freshnessMatcher(criterion: Criterion, { freshness }: EarlierState): Matcher {
  oneOf(criterion, ["fresher"])
  if (!freshness) {
    throw new SelectionError(`"${criterion.raw}" needs source freshness of now and of an earlier run: give --state.`)
  }
  return ({ id }) => {
    const { before = null, now = null } = freshness.get(id) ?? {}
    return now !== null && (before === null || now > before)
  }
}
