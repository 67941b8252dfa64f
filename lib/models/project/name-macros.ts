import { RecordValue } from "../context/record-value.ts"
import type { TemplateContext } from "../context/template-context.ts"
import { toText } from "../jinja/print.ts"
import { isInternal, type MacroRegistry } from "./macro-registry.ts"
import type { BaseNode, MacroNode, ModelNode } from "./node.ts"
import type { Target } from "./profile.ts"

type Part = "schema" | "alias" | "database"

/**
 * The macros `generate_schema_name`, `generate_alias_name` and `generate_database_name`, and a shortcut past them: while nobody
 * overrides them, what they give is worked out here, which ten thousand models notice.
 */
export class NameMacros {
  private readonly registry: MacroRegistry
  private readonly target: Target
  private readonly contextOf: (packageName: string) => TemplateContext
  private readonly chosen = new Map<string, MacroNode | null>()

  constructor(registry: MacroRegistry, target: Target, contextOf: (packageName: string) => TemplateContext) {
    this.registry = registry
    this.target = target
    this.contextOf = contextOf
  }

  generate(part: Part, custom: string | null, node: BaseNode): string {
    const macro = this.macroOf(part, node.package_name)
    if (!macro) return this.generateDefault(part, custom, node)
    const context = this.contextOf(isInternal(macro.package_name) ? this.registry.rootName : macro.package_name)
    return toText(context.callMacro(macro, [custom, new RecordValue(node)])).trim()
  }

  /** Null for dbt's own. */
  private macroOf(part: Part, packageName: string): MacroNode | null {
    const key = `${part}.${packageName}`
    let macro = this.chosen.get(key)
    if (macro === undefined) {
      macro = this.choose(`generate_${part}_name`, packageName)
      this.chosen.set(key, macro)
    }
    return macro
  }

  private choose(name: string, packageName: string): MacroNode | null {
    const macro = this.registry.findGenerateMacro(name, packageName)
    if (!macro) return null
    const implementations = [`default__${name}`, `${this.target.type}__${name}`]
    const isOwn = implementations.every((each) => !this.registry.isOverridden(each, this.registry.rootName))
    return isInternal(macro.package_name) && isOwn ? null : macro
  }

  private generateDefault(part: Part, custom: string | null, node: BaseNode): string {
    switch (part) {
      case "schema":
        return custom === null ? this.target.schema : `${this.target.schema}_${String(custom).trim()}`
      case "database":
        return custom === null ? this.target.database : String(custom)
      case "alias": {
        if (custom) return String(custom).trim()
        const { version } = node as Partial<ModelNode>
        return version ? `${node.name}_v${String(version).replaceAll(".", "_")}` : node.name
      }
    }
  }
}
