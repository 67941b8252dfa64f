import type { Package } from "./load-project.ts"
import type { Problem } from "./project-error.ts"

/**
 * Compares `require-dbt-version` of the packages with the release that we follow. One that asks for another is a warning, not
 * an error: much that later releases brought is here too.
 */
export function checkVersions(packages: readonly Package[], version: string): Problem[] {
  return packages.flatMap(({ name, config }) => {
    const isMet = config.requireDbtVersion.every((requirement) => isSatisfied(version, requirement))
    if (isMet) return []
    const asked = config.requireDbtVersion.join(", ")
    return [{ file: "dbt_project.yml", message: `"${name}" asks for dbt ${asked}; this follows dbt ${version}.` }]
  })
}

/** `>=1.2.0`, `<2.0.0`, `=1.9`, `!=1.8.1`; a bare version means that very one. */
export function isSatisfied(version: string, requirement: string): boolean {
  const match = /^\s*(>=|<=|!=|>|<|=)?\s*v?(\d+(?:\.\d+)*)/.exec(requirement)
  if (!match) return true
  const order = compareVersions(version, match[2]!)
  switch (match[1]) {
    case ">=":
      return order >= 0
    case "<=":
      return order <= 0
    case ">":
      return order > 0
    case "<":
      return order < 0
    case "!=":
      return order !== 0
    default:
      return order === 0
  }
}

export function compareVersions(one: string, other: string): number {
  const [first, second] = [one, other].map((version) => version.split(".").map(Number))
  for (let index = 0; index < 3; index++) {
    const difference = (first?.[index] ?? 0) - (second?.[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
