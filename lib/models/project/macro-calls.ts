import type { DispatchSettings, MacroRegistry } from "./macro-registry.ts"
import type { MacroNode } from "./node.ts"

const TAGS = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g
const COMMENTS = /\{#[\s\S]*?#\}/g
const DISPATCH =
  /\badapter\.dispatch\(\s*(?:macro_name\s*=\s*)?["'](\w+)["'](?:\s*,\s*(?:macro_namespace\s*=\s*)?["'](\w+)["'])?/g
const TEXTS = /"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g
const CALL = /(?<![\w.])(?<!\|\s*)(?:([A-Za-z_]\w*)\.)?([A-Za-z_]\w*)\s*\(/g

/**
 * The unique ids of the macros that a macro's text calls by name or dispatches to, itself left out. It is read off the text, as
 * dbt does: calls through variables are not seen, calls in branches that are never taken are.
 */
export function macroCalls(macro: MacroNode, registry: MacroRegistry, dispatch: DispatchSettings): string[] {
  const found = new Set<string>()
  const note = (called: MacroNode | null | undefined) => {
    if (called && called !== macro) found.add(called.unique_id)
  }
  for (const [tag] of macro.macro_sql.replace(COMMENTS, "").matchAll(TAGS)) {
    for (const [, name = "", namespace = null] of tag.matchAll(DISPATCH)) {
      note(registry.dispatched(name, namespace, macro.package_name, dispatch))
      note(namespace === null ? registry.find(name, macro.package_name) : registry.inPackage(namespace)?.get(name))
    }
    const code = tag.replace(TEXTS, "''")
    // An opening tag names its own macro; its defaults may call others.
    const calls = code.replace(/^\{%[-+]?\s*(?:macro|test|data_test|materialization)\s+\w+/, "")
    for (const [, of, name = ""] of calls.matchAll(CALL)) {
      note(of === undefined ? registry.find(name, macro.package_name) : registry.inPackage(of)?.get(name))
    }
  }
  return [...found]
}
