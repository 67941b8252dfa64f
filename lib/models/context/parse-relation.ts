import { Dict } from "../jinja/dict.ts"
import { toText } from "../jinja/print.ts"
import { HostObject, hostFunction, type Value } from "../jinja/values.ts"
import type { QuotePolicy } from "../project/relation-name.ts"
import { named } from "./common-names.ts"
import { toPlain, toValue } from "./plain-value.ts"

export interface ParsedRelation {
  database: string | null
  schema: string | null
  identifier: string | null
  type: string | null
  quoting: QuotePolicy
}

/** A relation as far as a parse needs one: it prints its name, and its parts can be read and changed. */
export class ParseRelation extends HostObject {
  readonly relation: ParsedRelation

  constructor(relation: ParsedRelation) {
    super()
    this.relation = relation
  }

  override get typeName(): string {
    return "PostgresRelation"
  }

  /** Packages tell a relation from a text by its being a mapping whose metadata ends in "Relation". */
  override isMapping(): boolean {
    return true
  }

  override toText(): string {
    const { relation } = this
    const parts = (["database", "schema", "identifier"] as const).flatMap((part) => {
      const name = relation[part]
      return name === null ? [] : [relation.quoting[part] === false ? name : `"${name}"`]
    })
    return parts.join(".")
  }

  override getAttribute(name: string): Value | undefined {
    const { relation } = this
    const change = (parts: Partial<ParsedRelation>) => new ParseRelation({ ...relation, ...parts })
    switch (name) {
      case "database":
      case "schema":
      case "identifier":
      case "type":
        return relation[name]
      case "name":
      case "table":
        return relation.identifier
      case "is_table":
      case "is_view":
      case "is_cte":
      case "is_materialized_view":
        return relation.type === name.slice("is_".length)
      case "include":
        return hostFunction(name, (_, kwargs) =>
          change(Object.fromEntries([...kwargs].flatMap(([part, isIn]) => (isIn === false ? [[part, null]] : [])))),
        )
      case "quote":
        return hostFunction(name, (_, kwargs) =>
          change({ quoting: { ...relation.quoting, ...Object.fromEntries(kwargs) } }),
        )
      case "incorporate":
      case "replace_path":
        return hostFunction(name, (_, kwargs) => {
          const path = kwargs.get("path")
          const all = { ...Object.fromEntries(kwargs), ...(path instanceof Dict ? Object.fromEntries([...path]) : {}) }
          return change(toPlain(toValue(all)) as Partial<ParsedRelation>)
        })
      case "metadata":
        return Dict.of({ type: this.typeName })
      case "get":
        return named(name, ["key", "default?"], (key, fallback) => this.getAttribute(toText(key!)) ?? fallback ?? null)
      case "without_identifier":
        return hostFunction(name, () => change({ identifier: null }))
      case "render":
        return hostFunction(name, () => this.toText())
      case "information_schema":
      case "information_schema_only":
        return hostFunction(name, ([view = null]) =>
          change({ schema: "information_schema", identifier: view === null ? null : toText(view) }),
        )
      case "quote_policy":
      case "include_policy":
        return toValue({ database: true, schema: true, identifier: true, ...relation.quoting })
      default:
        return undefined
    }
  }

  override add(other: Value, isRight: boolean): Value | undefined {
    if (typeof other !== "string") return undefined
    return isRight ? other + this.toText() : this.toText() + other
  }

  override equals(other: Value): boolean {
    return other instanceof ParseRelation && other.toText() === this.toText()
  }
}

/** `api.Relation`, and `adapter.Relation`. */
export function relationType(): Value {
  return new RelationType()
}

class RelationType extends HostObject {
  override get typeName(): string {
    return "type"
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "create":
        return hostFunction(name, (_, kwargs) => {
          const read = (part: string) => {
            const value = kwargs.get(part) ?? null
            return value === null ? null : toText(value)
          }
          const quoting = toPlain(kwargs.get("quote_policy") ?? null) as QuotePolicy | null
          const [database, schema, identifier, type] = ["database", "schema", "identifier", "type"].map(read)
          return new ParseRelation({
            database: database!,
            schema: schema!,
            identifier: identifier!,
            type: type!,
            quoting: quoting ?? {},
          })
        })
      case "Table":
      case "View":
      case "External":
      case "MaterializedView":
        return name.replace(/(?<=[a-z])(?=[A-Z])/, "_").toLowerCase()
      case "CTE":
        return "cte"
      default:
        return undefined
    }
  }
}
