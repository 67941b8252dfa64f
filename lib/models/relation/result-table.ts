import { Dict } from "../jinja/dict.ts"
import { typeError } from "../jinja/errors.ts"
import { toText } from "../jinja/print.ts"
import { PySet } from "../jinja/py-set.ts"
import { HostObject, hostFunction, isInt, Tuple, type Value } from "../jinja/values.ts"

/** The answer of a query as templates handle it: the part of an agate table that dbt projects use. */
export class ResultTable extends HostObject {
  readonly columnNames: readonly string[]
  readonly rows: readonly ResultRow[]

  constructor(columnNames: readonly string[], rows: readonly (readonly Value[])[]) {
    super()
    this.columnNames = columnNames
    const places = new Map(columnNames.map((name, index) => [name, index]))
    this.rows = rows.map((values) => new ResultRow(columnNames, places, values))
  }

  get typeName(): string {
    return "Table"
  }

  override iterate(): Iterable<Value> {
    return this.rows
  }

  override length(): number {
    return this.rows.length
  }

  override isTrue(): boolean {
    // An agate table has no length of its own in Python's eyes.
    return true
  }

  override getItem(key: Value): Value | undefined {
    return isInt(key) ? at(this.rows, Number(key)) : undefined
  }

  column(index: number): ResultColumn {
    return new ResultColumn(this.columnNames[index]!, index, this.rows)
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "rows":
        return new NamedList(this.rows, [])
      case "columns":
        return new NamedList(
          this.columnNames.map((_, index) => this.column(index)),
          this.columnNames,
        )
      case "column_names":
        return new Tuple([...this.columnNames])
      case "column_types":
        return new Tuple(this.columnNames.map((_, index) => this.column(index).kind))
      case "print_table":
        return hostFunction(name, () => null)
      case "select":
        return hostFunction(name, ([names]) => this.select(namesOf(names)))
      case "exclude":
        return hostFunction(name, ([names]) => {
          const excluded = namesOf(names)
          return this.select(this.columnNames.filter((each) => !excluded.includes(each)))
        })
      case "limit":
        return hostFunction(
          name,
          ([count]) => new ResultTable(this.columnNames, this.valuesOf().slice(0, Number(count))),
        )
      case "rename":
        return hostFunction(name, ([names]) => {
          const renamed = names instanceof Dict ? this.columnNames.map((each) => names.get(each)) : namesOf(names)
          return new ResultTable(
            this.columnNames.map((each, index) => (typeof renamed[index] === "string" ? renamed[index] : each)),
            this.valuesOf(),
          )
        })
      default:
        return undefined
    }
  }

  private select(names: readonly string[]): ResultTable {
    const places = names.map((name) => this.columnNames.indexOf(name))
    return new ResultTable(
      names,
      this.rows.map((row) => places.map((place) => row.values[place] ?? null)),
    )
  }

  private valuesOf(): (readonly Value[])[] {
    return this.rows.map((row) => row.values)
  }

  override toPlain(): unknown {
    return this.rows
  }
}

/** A row: its values by place and by name. */
export class ResultRow extends HostObject {
  readonly names: readonly string[]
  readonly values: readonly Value[]
  private readonly places: ReadonlyMap<string, number>

  constructor(names: readonly string[], places: ReadonlyMap<string, number>, values: readonly Value[]) {
    super()
    this.names = names
    this.places = places
    this.values = values
  }

  get typeName(): string {
    return "Row"
  }

  override iterate(): Iterable<Value> {
    return this.values
  }

  override length(): number {
    return this.values.length
  }

  override getItem(key: Value): Value | undefined {
    if (isInt(key)) return at(this.values, Number(key))
    const place = typeof key === "string" ? this.places.get(key) : undefined
    return place === undefined ? undefined : this.values[place]
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "values":
        return hostFunction(name, () => new Tuple([...this.values]))
      case "keys":
        return hostFunction(name, () => new Tuple([...this.names]))
      case "items":
        return hostFunction(name, () => new Tuple(this.pairs().map((pair) => new Tuple(pair))))
      case "dict":
        return hostFunction(name, () => new Dict(this.pairs()))
      case "get":
        return hostFunction(name, ([key, fallback]) => this.getItem(key ?? null) ?? fallback ?? null)
      default:
        return undefined
    }
  }

  override equals(other: Value): boolean {
    return other instanceof ResultRow && other.toRepr() === this.toRepr()
  }

  override toRepr(): string {
    return `<agate.Row: (${this.values.map((value) => toText(value)).join(", ")})>`
  }

  override toPlain(): unknown {
    return Object.fromEntries(this.pairs())
  }

  private pairs(): [string, Value][] {
    return this.names.map((name, index) => [name, this.values[index] ?? null])
  }
}

/** A column of an answer. */
class ResultColumn extends HostObject {
  readonly name: string
  private readonly place: number
  private readonly rows: readonly ResultRow[]

  constructor(name: string, place: number, rows: readonly ResultRow[]) {
    super()
    this.name = name
    this.place = place
    this.rows = rows
  }

  get typeName(): string {
    return "Column"
  }

  get kind(): string {
    const sample = this.values().find((value) => value !== null)
    if (typeof sample === "boolean") return "Boolean"
    return typeof sample === "string" || sample === undefined ? "Text" : "Number"
  }

  values(): Value[] {
    return this.rows.map((row) => row.values[this.place] ?? null)
  }

  override iterate(): Iterable<Value> {
    return this.values()
  }

  override length(): number {
    return this.rows.length
  }

  override getItem(key: Value): Value | undefined {
    return isInt(key) ? at(this.values(), Number(key)) : undefined
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "name":
        return this.name
      case "data_type":
        return this.kind
      case "values":
        return hostFunction(name, () => new Tuple(this.values()))
      case "values_distinct":
        return hostFunction(name, () => new PySet(this.values()))
      case "values_without_nulls":
        return hostFunction(name, () => new Tuple(this.values().filter((value) => value !== null)))
      default:
        return undefined
    }
  }
}

/** agate's MappedSequence: a list whose items can also be had by name. */
class NamedList extends HostObject {
  private readonly items: readonly Value[]
  private readonly names: readonly string[]

  constructor(items: readonly Value[], names: readonly string[]) {
    super()
    this.items = items
    this.names = names
  }

  get typeName(): string {
    return "MappedSequence"
  }

  override iterate(): Iterable<Value> {
    return this.items
  }

  override length(): number {
    return this.items.length
  }

  override getItem(key: Value): Value | undefined {
    return isInt(key)
      ? at(this.items, Number(key))
      : typeof key === "string"
        ? this.items[this.names.indexOf(key)]
        : undefined
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case "keys":
        return hostFunction(name, () => new Tuple([...this.names]))
      case "values":
        return hostFunction(name, () => new Tuple([...this.items]))
      case "items":
        return hostFunction(name, () => this.items.map((item, index) => new Tuple([this.names[index] ?? index, item])))
      case "get":
        return hostFunction(name, ([key, fallback]) => this.getItem(key ?? null) ?? fallback ?? null)
      default:
        return undefined
    }
  }
}

function at<Item>(items: readonly Item[], index: number): Item | undefined {
  return items.at(index)
}

function namesOf(value: Value | undefined): string[] {
  if (typeof value === "string") return [value]
  const items = Array.isArray(value) ? value : value instanceof Tuple ? value.items : null
  if (!items) throw typeError("names of columns are a list")
  return items.map((item) => toText(item))
}
