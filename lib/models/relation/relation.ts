import { AppError } from "../../domain/errors.ts"
import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { Dict } from "../jinja/dict.ts"
import { isTrue } from "../jinja/iterate.ts"
import { toText } from "../jinja/print.ts"
import { bindArguments } from "../jinja/signature.ts"
import { HostObject, hostFunction, type Kwargs, type Value } from "../jinja/values.ts"
import { narrowedRelation } from "./narrowed-relation.ts"
import { LONGEST_IDENTIFIER } from "./suffixed-name.ts"

export type RelationType = "table" | "view" | "materialized_view" | "cte" | "external"

const PARTS = ["database", "schema", "identifier"] as const
type Part = (typeof PARTS)[number]
type Path = Readonly<Record<Part, string | null>>
/** Which parts are quoted, or shown at all. */
export type PartPolicy = Readonly<Record<Part, boolean>>

const EVERY_PART: PartPolicy = { database: true, schema: true, identifier: true }

export interface RelationFields {
  database?: string | null
  schema?: string | null
  identifier?: string | null
  type?: RelationType | null
  quotePolicy?: PartPolicy
  includePolicy?: PartPolicy
  /** A condition, or `false`, that templates which print the relation select by. */
  filter?: string | null
  /** A CTE that stands for it in queries, while macros that look at its columns see those of the relation (unit tests). */
  standIn?: string | null
}

/**
 * The name of a table or view as templates handle it: dbt's `Relation`. Immutable; printing gives the quoted name, or a
 * subquery where a filter narrows it (`--empty`, event time).
 *
 * @throws AppError `model.invalid` for a name that is longer than PostgreSQL keeps.
 */
export class Relation extends HostObject {
  readonly path: Path
  readonly type: RelationType | null
  readonly quotePolicy: PartPolicy
  readonly includePolicy: PartPolicy
  readonly filter: string | null
  readonly standIn: string | null

  constructor({ database, schema, identifier, type, quotePolicy, includePolicy, filter, standIn }: RelationFields) {
    super()
    this.path = { database: database ?? null, schema: schema ?? null, identifier: identifier ?? null }
    this.type = type ?? null
    this.quotePolicy = quotePolicy ?? EVERY_PART
    this.includePolicy = includePolicy ?? EVERY_PART
    this.filter = filter ?? null
    this.standIn = standIn ?? null
    // Cut off, two models could become one table.
    if (type !== "cte" && this.path.identifier && Buffer.byteLength(this.path.identifier) > LONGEST_IDENTIFIER) {
      throw new AppError(
        "model.invalid",
        `Relation name "${this.path.identifier}" is longer than ${LONGEST_IDENTIFIER} bytes, which is all that PostgreSQL keeps. Give the model a shorter alias.`,
      )
    }
  }

  get typeName(): string {
    return "PostgresRelation"
  }

  get schema(): string {
    return this.path.schema ?? ""
  }

  get identifier(): string {
    return this.path.identifier ?? ""
  }

  with(fields: RelationFields): Relation {
    const { path, type, quotePolicy, includePolicy, filter, standIn } = this
    return new Relation({ ...path, type, quotePolicy, includePolicy, filter, standIn, ...fields })
  }

  /** The name in SQL, without the filter. */
  render(): string {
    return PARTS.flatMap((part) => {
      const name = this.path[part]
      if (!this.includePolicy[part] || name === null) return []
      return [this.quotePolicy[part] ? quoteIdentifier(name) : name]
    }).join(".")
  }

  override toText(): string {
    if (this.standIn !== null) return narrowedRelation(this.standIn, this.identifier, null)
    const name = this.render()
    if (this.filter === null) return name
    return narrowedRelation(name, this.identifier, this.filter)
  }

  override toRepr(): string {
    return `<Relation ${this.render()}>`
  }

  override toPlain(): unknown {
    return this.render()
  }

  override equals(other: Value): boolean {
    return other instanceof Relation && PARTS.every((part) => other.path[part] === this.path[part])
  }

  override hashKey(): string {
    return `relation ${JSON.stringify(this.path)}`
  }

  override isMapping(): boolean {
    return true
  }

  /** `relation ~ text` goes by the text, and so does `+`. */
  override add(other: Value, isRight: boolean): Value | undefined {
    if (typeof other !== "string") return undefined
    return isRight ? other + this.toText() : this.toText() + other
  }

  override getItem(key: Value): Value | undefined {
    return typeof key === "string" ? this.getAttribute(key) : undefined
  }

  override getAttribute(name: string): Value | undefined {
    if (name in FIELDS) return FIELDS[name as keyof typeof FIELDS](this)
    const method = METHODS[name]
    return method && hostFunction(name, (args, kwargs) => method(this, args, kwargs))
  }
}

const FIELDS = {
  database: (of: Relation) => of.path.database,
  schema: (of: Relation) => of.path.schema,
  identifier: (of: Relation) => of.path.identifier,
  name: (of: Relation) => of.path.identifier,
  table: (of: Relation) => of.path.identifier,
  type: (of: Relation) => of.type,
  is_table: (of: Relation) => of.type === "table",
  is_view: (of: Relation) => of.type === "view",
  is_cte: (of: Relation) => of.type === "cte",
  is_materialized_view: (of: Relation) => of.type === "materialized_view",
  is_pointer: () => false,
  can_be_renamed: (of: Relation) => of.type === "table" || of.type === "view",
  can_be_replaced: () => false,
  can_exchange: () => false,
  quote_policy: (of: Relation) => Dict.of(of.quotePolicy),
  include_policy: (of: Relation) => Dict.of(of.includePolicy),
  path: (of: Relation) => Dict.of(of.path),
  Table: () => "table",
  View: () => "view",
  CTE: () => "cte",
  MaterializedView: () => "materialized_view",
  External: () => "external",
  metadata: () => Dict.of({ type: "PostgresRelation" }),
} satisfies Record<string, (of: Relation) => Value>

const METHODS: Readonly<Record<string, (of: Relation, args: readonly Value[], kwargs: Kwargs) => Value>> = {
  render: (of) => of.render(),
  include: (of, _, kwargs) => of.with({ includePolicy: { ...of.includePolicy, ...policyOf(kwargs) } }),
  quote: (of, _, kwargs) => of.with({ quotePolicy: { ...of.quotePolicy, ...policyOf(kwargs) } }),
  incorporate: (of, _, kwargs) => of.with({ ...pathOf(kwargs.get("path")), ...typeOf(kwargs.get("type")) }),
  replace_path: (of, _, kwargs) => of.with(pathOf(new Dict(kwargs))),
  without_identifier: (of) => of.with({ includePolicy: { ...of.includePolicy, identifier: false } }),
  information_schema: (of, args) =>
    new Relation({
      database: of.path.database,
      schema: "information_schema",
      identifier: text(args[0]),
      quotePolicy: { database: true, schema: false, identifier: false },
    }),
  get: (of, args, kwargs) => {
    const [key, fallback] = bindArguments("get", ["key", "default?"], args, kwargs)
    return (typeof key === "string" ? of.getAttribute(key) : undefined) ?? fallback ?? null
  },
  create: (_, args, kwargs) => createRelation(args, kwargs),
}

/** `api.Relation.create(database=…, schema=…, identifier=…, type=…, quote_policy=…)`. */
export function createRelation(args: readonly Value[], kwargs: Kwargs): Relation {
  const parameters = ["database?", "schema?", "identifier?", "type?", "quote_policy?", "include_policy?", "limit?"]
  const [database, schema, identifier, type, quote, include] = bindArguments("create", parameters, args, kwargs)
  return new Relation({
    database: textOrNull(database),
    schema: textOrNull(schema),
    identifier: textOrNull(identifier),
    ...typeOf(type),
    ...(quote instanceof Dict ? { quotePolicy: { ...EVERY_PART, ...policyOf(quote) } } : {}),
    ...(include instanceof Dict ? { includePolicy: { ...EVERY_PART, ...policyOf(include) } } : {}),
  })
}

/** The relation that an argument of a macro or adapter method is. @throws AppError `model.invalid` for anything else. */
export function asRelation(value: Value | undefined, what: string): Relation {
  if (value instanceof Relation) return value
  throw new AppError("model.invalid", `${what} needs a relation, not ${toText(value ?? null) || "nothing"}.`)
}

function policyOf(entries: Iterable<readonly [Value, Value]>): Partial<PartPolicy> {
  return Object.fromEntries([...entries].flatMap(([key, on]) => (isPart(key) ? [[key, isTrue(on)]] : [])))
}

function pathOf(value: Value | undefined): Partial<Path> {
  if (!(value instanceof Dict)) return {}
  return Object.fromEntries([...value].flatMap(([key, name]) => (isPart(key) ? [[key, textOrNull(name)]] : [])))
}

function typeOf(value: Value | undefined): { type?: RelationType } {
  const type = value === undefined || value === null ? "" : text(value)
  return type === "" ? {} : { type: type as RelationType }
}

function isPart(key: Value): key is Part {
  return PARTS.some((part) => part === key)
}

function text(value: Value | undefined): string {
  return toText(value ?? null)
}

function textOrNull(value: Value | undefined): string | null {
  return value === undefined || value === null ? null : text(value)
}
