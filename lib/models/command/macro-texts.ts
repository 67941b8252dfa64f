import type { Manifest } from "../project/manifest.ts"
import type { MacroTexts } from "./fingerprint.ts"

/** Packages whose macros are part of dbt, or of us. */
const BUILT_IN = /^macro\.dbt(_postgres)?\./

/**
 * The texts of the macros that a node of the manifest depends on, as `textOf` has them: of now, or of an earlier invocation.
 * Which macros those are the manifest of now says in both cases, for dbt's own artifacts also name what ran besides.
 */
export function macroTexts({ nodes, macros }: Manifest, textOf: (macroId: string) => string | undefined): MacroTexts {
  return (nodeId) => {
    const seen = new Set<string>()
    const visit = (id: string): void => {
      const macro = macros.get(id)
      if (!macro || seen.has(id) || BUILT_IN.test(id)) return
      seen.add(id)
      for (const each of macro.depends_on.macros) visit(each)
    }
    for (const id of nodes.get(nodeId)?.depends_on.macros ?? []) visit(id)
    return [...seen].sort().map((id) => textOf(id)?.trim() ?? "")
  }
}
