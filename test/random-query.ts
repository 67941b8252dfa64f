import type { Random } from "./simulation/seeded.ts"

export type QueryType = "int" | "text"

export interface QueryTable {
  name: string
  columns: Record<string, QueryType>
}

/** A column that expressions may name. */
interface Reference {
  text: string
  type: QueryType
}

interface Query {
  sql: string
  columns: Record<string, QueryType>
}

/** The only constants in random queries, so that they can be told from values of the tables. */
export const CONSTANTS = ["-1", "z"]

/**
 * A random valid query over tables whose values are text or small integers. Its result does not depend on the order in
 * which rows are read, and the names of its columns differ. Equal seeds give equal queries.
 */
export function randomQuery(tables: readonly QueryTable[], random: Random): string {
  const writer = new QueryWriter(tables, random)
  const ctes: string[] = []
  for (let index = random.below(3); index > 0; index--) {
    const { sql, columns } = writer.query(1)
    const name = writer.fresh("cte")
    ctes.push(`${name} as ${random.chance(0.2) ? "materialized " : ""}(${sql})`)
    writer.tables.push({ name, columns })
  }
  const { sql } = writer.query(2)
  return ctes.length > 0 ? `with ${ctes.join(", ")} ${sql}` : sql
}

class QueryWriter {
  readonly tables: QueryTable[]
  readonly #random: Random
  #count = 0

  constructor(tables: readonly QueryTable[], random: Random) {
    this.tables = [...tables]
    this.#random = random
  }

  fresh(prefix: string): string {
    this.#count++
    return `${prefix}${this.#count}`
  }

  query(depth: number): Query {
    const first = this.#select(depth)
    if (!this.#random.chance(0.2)) return first
    const second = this.#select(depth, Object.values(first.columns))
    const operator = this.#random.pick(["union", "union all", "intersect", "except"])
    return { sql: `${first.sql} ${operator} ${second.sql}`, columns: first.columns }
  }

  #select(depth: number, types?: QueryType[]): Query {
    const { sql: from, references, star } = this.#from(depth)
    const where = this.#random.chance(0.4) ? ` where ${this.#condition(references, depth)}` : ""
    if (!types && star && this.#random.chance(0.3)) {
      const extra = this.#random.chance(0.5) ? this.#list(["int"], references, depth) : null
      const columns = { ...star, ...extra?.columns }
      return { sql: `select *${extra ? `, ${extra.sql}` : ""} from ${from}${where}`, columns }
    }
    const wanted = types ?? Array.from({ length: 1 + this.#random.below(4) }, () => this.#type())
    if (this.#random.chance(0.2)) return this.#grouped(wanted, from + where, references, depth)
    const list = this.#list(wanted, references, depth)
    const distinct = this.#random.chance(0.1) ? "distinct " : ""
    return { sql: `select ${distinct}${list.sql} from ${from}${where}`, columns: list.columns }
  }

  #list(types: QueryType[], references: Reference[], depth: number): Query {
    const items = types.map((type) => ({ name: this.fresh("c"), type, text: this.#value(type, references, depth) }))
    return {
      sql: items.map(({ name, text }) => `${text} as ${name}`).join(", "),
      columns: Object.fromEntries(items.map(({ name, type }) => [name, type])),
    }
  }

  #grouped(types: QueryType[], from: string, references: Reference[], depth: number): Query {
    const key = this.#random.pick(references)
    const items = types.map((type) => {
      const isKey = type === key.type && this.#random.chance(0.4)
      const inner = this.#plain(type, references, depth)
      const aggregate = type === "int" ? this.#random.pick(["sum", "count", "max"]) : this.#random.pick(["min", "max"])
      const filter = this.#random.chance(0.3) ? ` filter (where ${this.#test(references)})` : ""
      // PostgreSQL gives bigint for sums and counts; set operations here want one type.
      const cast = type === "int" ? "::int" : ""
      return { name: this.fresh("c"), type, text: isKey ? key.text : `(${aggregate}(${inner})${filter})${cast}` }
    })
    const having = this.#random.chance(0.2) ? " having count(*) > 1" : ""
    return {
      sql: `select ${items.map(({ name, text }) => `${text} as ${name}`).join(", ")} from ${from} group by ${key.text}${having}`,
      columns: Object.fromEntries(items.map(({ name, type }) => [name, type])),
    }
  }

  /** `star` holds the columns of `*` where their names differ. */
  #from(depth: number): { sql: string; references: Reference[]; star: Record<string, QueryType> | null } {
    const left = this.#item(depth, [])
    if (this.#random.chance(0.45)) return { sql: left.sql, references: left.references, star: left.columns }
    const isLateral = this.#random.chance(0.2)
    const right = this.#item(depth, isLateral ? left.references : [])
    const references = [...left.references, ...right.references]
    const shared = Object.keys(left.columns).filter((name) => left.columns[name] === right.columns[name])
    const kind = this.#random.pick(isLateral ? ["join", "left join"] : ["join", "left join", "right join", "full join"])
    const hasTwins = Object.keys(left.columns).some((name) => name in right.columns && !shared.includes(name))
    if (shared.length > 0 && !hasTwins && this.#random.chance(0.5)) {
      const merged = shared.map((text) => ({ text, type: left.columns[text]! }))
      const star = {
        ...Object.fromEntries(merged.map(({ text, type }) => [text, type])),
        ...left.columns,
        ...right.columns,
      }
      const sql = `${left.sql} ${kind} ${right.sql} using (${shared.join(", ")})`
      return { sql, references: [...merged, ...references], star }
    }
    const [one, other] = this.#pair(left.references, right.references)
    const sql = `${left.sql} ${kind} ${right.sql} on ${one} = ${other}`
    const isUnique = shared.length === 0 && !hasTwins
    return { sql, references, star: isUnique ? { ...left.columns, ...right.columns } : null }
  }

  /** Two references of one type, for a join; a full join takes nothing but equality. */
  #pair(left: Reference[], right: Reference[]): [string, string] {
    const pairs = left.flatMap((one) =>
      right.filter(({ type }) => type === one.type).map((other) => [one.text, other.text]),
    )
    return pairs.length > 0 ? (this.#random.pick(pairs) as [string, string]) : ["1", "1"]
  }

  /** A table, or a subquery that may use the columns to its left. */
  #item(depth: number, outer: Reference[]) {
    const alias = this.fresh("r")
    const isQuery = depth > 0 && (outer.length > 0 || this.#random.chance(0.3))
    const table = isQuery ? null : this.#random.pick(this.tables)
    const query = isQuery ? this.query(depth - 1) : null
    const columns = table?.columns ?? query!.columns
    let sql = table ? `${table.name} as ${alias}` : `(${query!.sql}) as ${alias}`
    if (query && outer.length > 0) {
      const inner = this.fresh("r")
      sql = `lateral (select * from (${query.sql}) as ${inner} where ${this.#test(outer)}) as ${alias}`
    }
    const references = Object.entries(columns).map(([name, type]) => ({ text: `${alias}.${name}`, type }))
    return { sql, columns, references }
  }

  /** What may stand in the list of a query without groups. */
  #value(type: QueryType, references: Reference[], depth: number): string {
    if (!this.#random.chance(0.15)) return this.#plain(type, references, depth)
    const [argument, key, order] = [
      this.#plain(type, references, 0),
      this.#reference(references),
      this.#reference(references),
    ]
    // Functions whose value is the same for rows of equal order.
    const call =
      type === "int" ? this.#random.pick([`sum(${argument})`, "rank()", `count(${argument})`]) : `max(${argument})`
    const window = `${call} over (partition by ${key} order by ${order})`
    return type === "int" ? `(${window})::int` : window
  }

  #plain(type: QueryType, references: Reference[], depth: number): string {
    const fitting = references.filter((each) => each.type === type)
    if (fitting.length > 0 && this.#random.chance(0.5)) return this.#random.pick(fitting).text
    const constant = type === "int" ? "-1" : "'z'::text"
    if (depth <= 0) return fitting.length > 0 ? this.#random.pick(fitting).text : constant
    const one = () => this.#plain(type, references, depth - 1)
    const forms = [
      () => constant,
      () => `coalesce(${one()}, ${one()})`,
      () => `case when ${this.#condition(references, depth - 1)} then ${one()} else ${one()} end`,
      () => `nullif(${one()}, ${one()})`,
      () => this.#scalar(type, references, depth),
      () => (type === "int" ? `(${one()} + ${one()})` : `(${one()} || ${one()})`),
      () => (type === "int" ? `length(${this.#plain("text", references, depth - 1)})` : `upper(${one()})`),
      () => (type === "int" ? `greatest(${one()}, ${one()})` : `(${this.#plain("int", references, depth - 1)})::text`),
    ]
    return this.#random.pick(forms)()
  }

  /** A correlated subquery that gives one value. */
  #scalar(type: QueryType, references: Reference[], depth: number): string {
    const { sql, references: own } = this.#item(0, [])
    const argument = this.#plain(type, own, depth - 1)
    return `(select max(${argument}) from ${sql} where ${this.#compare(own, references)})`
  }

  #condition(references: Reference[], depth: number): string {
    if (depth <= 0 || this.#random.chance(0.5)) return this.#test(references)
    const { sql, references: own } = this.#item(0, [])
    const forms = [
      () => `exists (select * from ${sql} where ${this.#compare(own, references)})`,
      () => {
        const column = this.#random.pick(own)
        return `${this.#plain(column.type, references, 0)} in (select ${column.text} from ${sql})`
      },
      () => `not (${this.#condition(references, depth - 1)})`,
      () => `(${this.#condition(references, depth - 1)} or ${this.#condition(references, depth - 1)})`,
    ]
    return this.#random.pick(forms)()
  }

  #compare(own: Reference[], outer: Reference[]): string {
    const [one, other] = this.#pair(own, outer)
    return `${one} = ${other}`
  }

  #test(references: Reference[]): string {
    const { text, type } = this.#random.pick(references)
    const forms = [`${text} is not null`, type === "int" ? `${text} > 1` : `${text} < 'd'`, `${text} is null`]
    return this.#random.pick(forms)
  }

  #reference(references: Reference[]): string {
    return this.#random.pick(references).text
  }

  #type(): QueryType {
    return this.#random.pick(["int", "text"])
  }
}
