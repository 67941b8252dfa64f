import { JinjaError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import { HostObject, hostFunction, Tuple, type Value } from "../jinja/values.ts"
import type { DispatchSettings } from "../project/macro-registry.ts"
import { named } from "./common-names.ts"
import { HostRecord } from "./host-record.ts"
import { relationType } from "./parse-relation.ts"
import type { TemplateContext } from "./template-context.ts"

/** What `adapter.dispatch` needs of the context that it is in. */
export function dispatchFunction(context: () => TemplateContext, settings: DispatchSettings): Value {
  return named("dispatch", ["macro_name", "macro_namespace?", "packages?"], (macro, namespace, packages) => {
    const name = toText(macro!)
    if (packages !== undefined && packages !== null) {
      throw new JinjaError("host", `dispatch of "${name}": "packages" is gone from dbt; pass macro_namespace instead.`)
    }
    if (name.includes(".")) {
      const [first = "", second = ""] = name.split(".")
      throw new JinjaError("host", `dispatch takes the namespace apart: adapter.dispatch("${second}", "${first}").`)
    }
    const within = namespace === undefined || namespace === null ? null : toText(namespace)
    const { registry, packageName } = context()
    return context().functionOf(registry.dispatch(name, within, packageName, settings))
  })
}

/** Answers that are lists, where a template loops over them. */
const LISTS = new Set([
  "get_columns_in_relation",
  "get_missing_columns",
  "list_relations",
  "list_relations_without_caching",
  "list_schemas",
  "get_partitions_metadata",
])

/**
 * `adapter` while a project is parsed. There is no database then: it answers with nothing, and what does not need one
 * (`dispatch`, `quote`, `type`) works.
 */
export class ParseAdapter extends HostObject {
  private readonly type: string
  private readonly dispatch: Value
  private readonly functions = new Map<string, Value>()

  constructor(type: string, dispatch: Value) {
    super()
    this.type = type
    this.dispatch = dispatch
  }

  override get typeName(): string {
    return "Adapter"
  }

  override getAttribute(name: string): Value | undefined {
    let found = this.functions.get(name)
    if (found === undefined) {
      found = this.make(name)
      this.functions.set(name, found)
    }
    return found
  }

  private make(name: string): Value {
    switch (name) {
      case "dispatch":
        return this.dispatch
      case "type":
        return hostFunction(name, () => this.type)
      case "quote":
        return named(name, ["identifier"], (identifier) => `"${toText(identifier!)}"`)
      case "quote_as_configured":
        return named(name, ["identifier", "quote_key"], (identifier) => `"${toText(identifier!)}"`)
      case "quote_seed_column":
        return named(name, ["column", "quote_config"], (column, isQuoted) => {
          return isQuoted === false ? toText(column!) : `"${toText(column!)}"`
        })
      case "execute":
        return hostFunction(name, () => new Tuple(["", []]))
      case "Relation":
        return relationType()
      case "behavior":
        return new HostRecord(
          "behavior",
          new Map<string, Value>([["require_batched_execution_for_custom_microbatch_strategy", false]]),
        )
      default:
        return hostFunction(name, () => (LISTS.has(name) ? [] : null))
    }
  }
}
