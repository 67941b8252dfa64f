import { JinjaError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import { bindArguments } from "../jinja/signature.ts"
import { HostObject, type Kwargs, type Value } from "../jinja/values.ts"
import type { VarLookup } from "../project/vars.ts"
import { named } from "./common-names.ts"
import { toValue } from "./plain-value.ts"

export interface VarOptions {
  lookup: VarLookup
  /** Renders a value that is a template. */
  render(text: string): string
  /** While parsing, a var that is not set is None: what needs it may never be executed. */
  isMissingAllowed: boolean
  packageName: string
}

/** `var("name", default)` and `var.has_var("name")`. */
export class VarFunction extends HostObject {
  private readonly options: VarOptions

  constructor(options: VarOptions) {
    super()
    this.options = options
  }

  override get typeName(): string {
    return "Var"
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    const [name = null, fallback] = bindArguments("var", ["var_name", "default?"], args, kwargs)
    const found = this.options.lookup(toText(name))
    if (typeof found === "string") return /\{[{%#]/.test(found) ? this.options.render(found) : found
    if (found !== undefined) return toValue(found)
    if (fallback !== undefined) return fallback
    if (this.options.isMissingAllowed) return null
    const message = `Required var '${toText(name)}' is not set: give it to var() a default, set it under "vars" in dbt_project.yml, or pass --vars.`
    throw new JinjaError("host", message)
  }

  override getAttribute(name: string): Value | undefined {
    if (name !== "has_var") return undefined
    return named("has_var", ["var_name"], (wanted) => this.options.lookup(toText(wanted!)) !== undefined)
  }
}
