import { quoteIdentifier } from "../../engines/postgres/quote-identifier.ts"
import { toText } from "../jinja/print.ts"
import { bindArguments } from "../jinja/signature.ts"
import { HostObject, hostFunction, isInt, type Kwargs, type Value } from "../jinja/values.ts"

const STRING_TYPES = new Set(["text", "character varying", "character", "varchar", "char", "bpchar", '"char"', "name"])
const FLOAT_TYPES = new Set(["real", "float4", "float", "double precision", "float8", "double"])
const INTEGER_TYPES = new Set([
  ...["smallint", "integer", "bigint", "smallserial", "serial", "bigserial"],
  ...["int2", "int4", "int8", "serial2", "serial4", "serial8", "int"],
])
const NUMERIC_TYPES = new Set(["numeric", "decimal"])

export interface ColumnFields {
  name: string
  /** As information_schema names it: `character varying`. */
  type: string
  charSize?: number | null
  precision?: number | null
  scale?: number | null
}

/** A column of a relation as templates handle it: dbt's `Column` of PostgreSQL. */
export class Column extends HostObject {
  readonly name: string
  readonly type: string
  readonly charSize: number | null
  readonly precision: number | null
  readonly scale: number | null

  constructor({ name, type, charSize, precision, scale }: ColumnFields) {
    super()
    this.name = name
    this.type = type
    this.charSize = charSize ?? null
    this.precision = precision ?? null
    this.scale = scale ?? null
  }

  get typeName(): string {
    return "PostgresColumn"
  }

  get quoted(): string {
    return quoteIdentifier(this.name)
  }

  /** The type in full, as a cast takes it: `character varying(20)`, `numeric(10,2)`. */
  get dataType(): string {
    if (this.type.toLowerCase() === "text" || this.type.includes("[]")) return this.type
    if (this.isString) return this.charSize === null ? this.type : `character varying(${this.charSize})`
    if (this.isNumeric && this.precision !== null && this.scale !== null) {
      return `${this.type}(${this.precision},${this.scale})`
    }
    return this.type
  }

  get isString(): boolean {
    return STRING_TYPES.has(this.type.toLowerCase())
  }

  get isFloat(): boolean {
    return FLOAT_TYPES.has(this.type.toLowerCase())
  }

  get isInteger(): boolean {
    return INTEGER_TYPES.has(this.type.toLowerCase())
  }

  get isNumeric(): boolean {
    return NUMERIC_TYPES.has(this.type.toLowerCase())
  }

  get stringSize(): number {
    // What PostgreSQL reports for text and for varchar without a size.
    return this.charSize ?? 256
  }

  /** Whether values of `other` need this column to become wider: both texts, this one of a size, and other's the longer. */
  canExpandTo(other: Column): boolean {
    if (!this.isString || !other.isString || this.charSize === null) return false
    return other.charSize === null || other.charSize > this.charSize
  }

  override toText(): string {
    return `<Column ${this.name} (${this.dataType})>`
  }

  override toRepr(): string {
    return this.toText()
  }

  override equals(other: Value): boolean {
    return other instanceof Column && other.name === this.name && other.dataType === this.dataType
  }

  override hashKey(): string {
    return `column ${this.name} ${this.dataType}`
  }

  override getAttribute(name: string): Value | undefined {
    if (name in FIELDS) return FIELDS[name as keyof typeof FIELDS](this)
    const method = METHODS[name]
    return method && hostFunction(name, (args, kwargs) => method(this, args, kwargs))
  }
}

const FIELDS = {
  name: (of: Column) => of.name,
  column: (of: Column) => of.name,
  quoted: (of: Column) => of.quoted,
  dtype: (of: Column) => of.type,
  data_type: (of: Column) => of.dataType,
  char_size: (of: Column) => of.charSize,
  numeric_precision: (of: Column) => of.precision,
  numeric_scale: (of: Column) => of.scale,
} satisfies Record<string, (of: Column) => Value>

const METHODS: Readonly<Record<string, (of: Column, args: readonly Value[], kwargs: Kwargs) => Value>> = {
  is_string: (of) => of.isString,
  is_number: (of) => of.isFloat || of.isInteger || of.isNumeric,
  is_float: (of) => of.isFloat,
  is_integer: (of) => of.isInteger,
  is_numeric: (of) => of.isNumeric,
  string_size: (of) => of.stringSize,
  can_expand_to: (of, [other]) => other instanceof Column && of.canExpandTo(other),
  literal: (of, args) => `${toText(args[0] ?? null)}::${of.dataType}`,
  string_type: (_, args) => `character varying(${toText(args[0] ?? null)})`,
  numeric_type: (_, args) => numericType(args),
}

/** `api.Column`: makes columns, and says how PostgreSQL spells types. */
export class ColumnClass extends HostObject {
  get typeName(): string {
    return "type"
  }

  override call(args: readonly Value[], kwargs: Kwargs): Value {
    const parameters = ["column", "dtype", "char_size?", "numeric_precision?", "numeric_scale?"]
    const [name, type, charSize, precision, scale] = bindArguments("Column", parameters, args, kwargs)
    const fields = { charSize: intOrNull(charSize), precision: intOrNull(precision), scale: intOrNull(scale) }
    return new Column({ name: toText(name ?? null), type: toText(type ?? null), ...fields })
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "create":
        return hostFunction(name, ([column, label]) => {
          return new Column({ name: toText(column ?? null), type: translateType(toText(label ?? null)) })
        })
      case "translate_type":
        return hostFunction(name, ([type]) => translateType(toText(type ?? null)))
      case "string_type":
        return hostFunction(name, ([size]) => `character varying(${toText(size ?? null)})`)
      case "numeric_type":
        return hostFunction(name, (args) => numericType(args))
      default:
        return undefined
    }
  }
}

/** dbt's portable names of types (its TYPE_LABELS) in PostgreSQL's words; others stay. */
export function translateType(label: string): string {
  const labels: Readonly<Record<string, string>> = { STRING: "TEXT" }
  return labels[label.toUpperCase()] ?? label
}

function numericType([type, precision, scale]: readonly Value[]): string {
  const name = toText(type ?? null)
  return precision == null || scale == null ? name : `${name}(${toText(precision)},${toText(scale)})`
}

function intOrNull(value: Value | undefined): number | null {
  return value !== undefined && isInt(value) ? Number(value) : null
}
