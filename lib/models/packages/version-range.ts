import { ProjectError } from "../project/project-error.ts"

interface Version {
  parts: readonly [number, number, number]
  prerelease: string | null
}

const VERSION = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?$/
const REQUIREMENT = /^\s*(>=|<=|>|<|=)?\s*(\S+)\s*$/

/**
 * The highest of the versions that meets all requirements (`>=1.0.0`, `<2.0.0`, `=1.1.0`; a bare version means itself), or
 * null. Prereleases count when they are allowed, or when a requirement names one (dbt's documentation, "Packages").
 * @throws ProjectError for a requirement that is none
 */
export function highestVersion(
  versions: readonly string[],
  requirements: readonly string[],
  arePrereleasesAllowed: boolean,
): string | null {
  const parsed = requirements.map(parseRequirement)
  const allowed = arePrereleasesAllowed || parsed.some(({ version }) => version.prerelease !== null)
  let best: { text: string; version: Version } | null = null
  for (const text of versions) {
    const version = parseVersion(text)
    if (!version || (version.prerelease !== null && !allowed)) continue
    if (!parsed.every((requirement) => isMet(version, requirement))) continue
    if (best === null || compare(version, best.version) > 0) best = { text, version }
  }
  return best?.text ?? null
}

interface Requirement {
  operator: string
  version: Version
}

function parseRequirement(text: string): Requirement {
  const [, operator, rest] = REQUIREMENT.exec(text) ?? []
  const version = rest === undefined ? null : parseVersion(rest)
  if (!version) {
    const message = `"${text}" is no version; write three numbers, as "1.2.0", or a range, as [">=1.2.0", "<2.0.0"].`
    throw new ProjectError({ file: "packages.yml", message })
  }
  return { operator: operator ?? "=", version }
}

function parseVersion(text: string): Version | null {
  const match = VERSION.exec(text)
  if (!match) return null
  return { parts: [Number(match[1]), Number(match[2]), Number(match[3])], prerelease: match[4] ?? null }
}

function isMet(version: Version, requirement: Requirement): boolean {
  const order = compare(version, requirement.version)
  switch (requirement.operator) {
    case ">=":
      return order >= 0
    case "<=":
      return order <= 0
    case ">":
      return order > 0
    case "<":
      return order < 0
    default:
      return order === 0
  }
}

/** By semver.org's rule 11: a prerelease comes before its release; its parts are compared one by one, numbers as numbers. */
function compare(one: Version, other: Version): number {
  for (const index of [0, 1, 2] as const) {
    const difference = one.parts[index] - other.parts[index]
    if (difference !== 0) return difference
  }
  if (one.prerelease === null || other.prerelease === null) {
    return Number(one.prerelease === null) - Number(other.prerelease === null)
  }
  const [left, right] = [one.prerelease.split("."), other.prerelease.split(".")]
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const difference = comparePart(left[index], right[index])
    if (difference !== 0) return difference
  }
  return 0
}

function comparePart(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return Number(one !== undefined) - Number(other !== undefined)
  const [left, right] = [one, other].map((part) => (/^\d+$/.test(part) ? Number(part) : null))
  if (left != null && right != null) return left - right
  if (left != null || right != null) return left != null ? -1 : 1
  return one < other ? -1 : Number(one > other)
}
