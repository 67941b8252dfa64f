import { builtinMacros } from "./builtin-macros.ts"
import { type Package, readText } from "./load-project.ts"
import { INTERNAL_PACKAGES, MacroRegistry } from "./macro-registry.ts"
import { parseMacros } from "./parse-macros.ts"

/** The macros and generic tests of all packages, and dbt's own. @throws ProjectError */
export function readMacros(packages: readonly Package[]): MacroRegistry {
  const registry = new MacroRegistry(packages[0]!.name)
  for (const name of INTERNAL_PACKAGES) registry.addPackage(name)
  for (const macro of builtinMacros()) registry.add(macro)
  for (const of of packages) {
    registry.addPackage(of.name)
    for (const file of of.files) {
      if (file.kind !== "macro" && file.kind !== "generic_test") continue
      const origin = { packageName: of.name, path: file.path, relativePath: file.relativePath }
      for (const macro of parseMacros(readText(of, file.path), origin)) registry.add(macro)
    }
  }
  return registry
}
