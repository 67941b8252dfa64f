import { didYouMean } from "../../domain/closest.ts"
import type { MacroNode } from "./node.ts"
import { ProjectError } from "./project-error.ts"

/** The packages that hold dbt's own macros; a later one overrides the earlier. */
export const INTERNAL_PACKAGES = ["dbt", "dbt_postgres"] as const

export interface DispatchSettings {
  /** Adapter prefixes in the order they are tried: `postgres`, `default`. */
  prefixes: readonly string[]
  /** `dispatch:` of the root project. */
  searchOrders: readonly { macro_namespace: string; search_order: readonly string[] }[]
}

/**
 * All macros of a project and its packages, and which one a name means. A bare name is looked for in the package of the node that
 * is rendered, then in the root project, then among dbt's own; other packages are reached by `package.name` alone. Only root
 * and dbt (and for their own nodes, packages) can say how names of schemas, aliases and databases are made.
 */
export class MacroRegistry {
  readonly rootName: string
  private readonly packages = new Map<string, Map<string, MacroNode>>()
  private internal: Map<string, MacroNode> | null = null

  constructor(rootName: string) {
    this.rootName = rootName
  }

  /** @throws ProjectError when the package has another of that name. */
  add(macro: MacroNode): void {
    let macros = this.packages.get(macro.package_name)
    if (!macros) {
      macros = new Map()
      this.packages.set(macro.package_name, macros)
    }
    const other = macros.get(macro.name)
    if (other) {
      const message = `there are two macros "${macro.name}" in ${macro.package_name}: the other stands in ${other.original_file_path}:${other.start_line}. Rename or remove one.`
      throw new ProjectError({ file: macro.original_file_path, line: macro.start_line, column: 1, message })
    }
    macros.set(macro.name, macro)
    this.internal = null
  }

  /** Names a package so that templates can reach into it, also when it has no macros. */
  addPackage(name: string): void {
    if (!this.packages.has(name)) this.packages.set(name, new Map())
  }

  *all(): Generator<MacroNode> {
    for (const macros of this.packages.values()) yield* macros.values()
  }

  /** What a bare name means for a node of `packageName`. */
  find(name: string, packageName: string): MacroNode | null {
    return (
      this.packages.get(packageName)?.get(name) ??
      this.packages.get(this.rootName)?.get(name) ??
      this.internalMacros().get(name) ??
      null
    )
  }

  /** The macros that `package.name` reaches; `dbt` and `dbt_postgres` are one. Null when there is no such package. */
  inPackage(packageName: string): ReadonlyMap<string, MacroNode> | null {
    if (isInternal(packageName)) return this.internalMacros()
    return this.packages.get(packageName) ?? null
  }

  packageNames(): string[] {
    return [...new Set([...this.packages.keys(), ...INTERNAL_PACKAGES])]
  }

  /** Whether anybody but dbt defines one of the names that nodes of the package would get. */
  isOverridden(name: string, packageName: string): boolean {
    return !isInternal(this.find(name, packageName)?.package_name ?? "dbt")
  }

  /**
   * The macro that `adapter.dispatch` chooses: for each package of the namespace's search order, the first adapter prefix
   * that it has. @throws ProjectError naming all that was tried.
   */
  dispatch(name: string, namespace: string | null, packageName: string, settings: DispatchSettings): MacroNode {
    const macro = this.dispatched(name, namespace, packageName, settings)
    if (macro) return macro
    const tried = this.candidates(name, namespace, settings).map(
      ([searched, each]) => `${searched === null ? "" : `${searched}.`}${each}`,
    )
    const where = namespace === null ? "" : ` within namespace "${namespace}"`
    const isUnknown = namespace !== null && !this.inPackage(namespace)
    const advice = isUnknown ? didYouMean(namespace, this.packageNames()).replace(/\.$/, "") : ""
    const message = `dispatch found no macro "${name}"${where}${advice}; searched for: ${tried.join(", ")}.`
    throw new ProjectError({ message })
  }

  /** As {@link dispatch}, or null. */
  dispatched(
    name: string,
    namespace: string | null,
    packageName: string,
    settings: DispatchSettings,
  ): MacroNode | null {
    for (const [searched, candidate] of this.candidates(name, namespace, settings)) {
      const macro = searched === null ? this.find(candidate, packageName) : this.inPackage(searched)?.get(candidate)
      if (macro) return macro
    }
    return null
  }

  private candidates(name: string, namespace: string | null, settings: DispatchSettings): [string | null, string][] {
    return this.searchOrder(namespace, settings).flatMap((searched) =>
      settings.prefixes.map((prefix): [string | null, string] => [searched, `${prefix}__${name}`]),
    )
  }

  private searchOrder(namespace: string | null, { searchOrders }: DispatchSettings): readonly (string | null)[] {
    if (namespace === null) return [null]
    const configured = searchOrders.find((each) => each.macro_namespace === namespace)
    if (configured) return configured.search_order
    return this.inPackage(namespace) ? [this.rootName, namespace] : [null]
  }

  /** `generate_schema_name` and its kin for a node of the package. */
  findGenerateMacro(name: string, packageName: string): MacroNode | null {
    return (
      (packageName === this.rootName ? null : this.packages.get(packageName)?.get(name)) ??
      this.packages.get(this.rootName)?.get(name) ??
      this.internalMacros().get(name) ??
      null
    )
  }

  private internalMacros(): ReadonlyMap<string, MacroNode> {
    this.internal ??= new Map(INTERNAL_PACKAGES.flatMap((name) => [...(this.packages.get(name) ?? [])]))
    return this.internal
  }
}

export function isInternal(packageName: string): boolean {
  return (INTERNAL_PACKAGES as readonly string[]).includes(packageName)
}
