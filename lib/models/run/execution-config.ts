import { named } from "../context/common-names.ts"
import { toPlain, toValue } from "../context/plain-value.ts"
import { Dict } from "../jinja/dict.ts"
import { valueError } from "../jinja/errors.ts"
import { isTrue } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import { HostObject, hostFunction, type Value } from "../jinja/values.ts"
import type { ParsedNode } from "../project/node.ts"

const OTHER_NAMES: Readonly<Record<string, string>> = { pre_hook: "pre-hook", post_hook: "post-hook" }

/** `config` while a node runs: what it is set to. A call changes nothing, as the parse has read it. */
export class ExecutionConfig extends HostObject {
  private readonly values: Record<string, unknown>

  constructor({ config }: Pick<ParsedNode, "config">) {
    super()
    this.values = { ...config }
  }

  get typeName(): string {
    return "RuntimeConfigObject"
  }

  /** The value of a key as templates get it, or null. */
  read(name: string): Value {
    return toValue(this.values[OTHER_NAMES[name] ?? name] ?? null)
  }

  override call(): Value {
    return ""
  }

  override getItem(key: Value): Value | undefined {
    return typeof key === "string" ? this.read(key) : undefined
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "get":
        return named(
          name,
          ["name", "default?", "validator?"],
          (key, fallback) => this.read(toText(key!)) ?? fallback ?? null,
        )
      case "require":
        return named(name, ["name", "validator?"], (key) => {
          const value = this.read(toText(key!))
          if (value === null)
            throw valueError(
              `config "${toText(key!)}" is required here, but not set; set it in the model or its properties.`,
            )
          return value
        })
      case "meta_get":
        return named(name, ["name", "default?"], (key, fallback) => this.meta(toText(key!)) ?? fallback ?? null)
      case "set":
        return named(name, ["name", "value"], (key, value) => {
          this.values[toText(key!)] = toPlain(value!)
          return ""
        })
      case "persist_relation_docs":
        return hostFunction(name, () => this.persists("relation"))
      case "persist_column_docs":
        return hostFunction(name, () => this.persists("columns"))
      case "model":
        return toValue(this.values)
      default:
        return this.read(name)
    }
  }

  private meta(key: string): Value | null {
    const meta = this.read("meta")
    return meta instanceof Dict ? (meta.get(key) ?? null) : null
  }

  private persists(what: string): boolean {
    const docs = this.read("persist_docs")
    return docs instanceof Dict && isTrue(docs.get(what) ?? false)
  }
}
