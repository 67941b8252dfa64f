import { HostObject, type Value } from "../jinja/values.ts"
import { named } from "./common-names.ts"
import type { TemplateContext } from "./template-context.ts"

/** `context`: all names of a template, by text. */
export class ContextValue extends HostObject {
  private readonly context: TemplateContext

  constructor(context: TemplateContext) {
    super()
    this.context = context
  }

  override get typeName(): string {
    return "dict"
  }

  override getItem(key: Value): Value | undefined {
    return typeof key === "string" ? this.context.lookup(key) : undefined
  }

  override getAttribute(name: string): Value | undefined {
    if (name === "get") {
      return named("get", ["key", "default?"], (key, fallback) => this.getItem(key!) ?? fallback ?? null)
    }
    return this.context.lookup(name)
  }

  override contains(key: Value): boolean {
    return this.getItem(key) !== undefined
  }
}
