/** Other names of Postgres' types, by how the catalog spells them (documentation, table 8.1). */
const ALIASES: Record<string, string> = {
  int: "integer",
  int4: "integer",
  int8: "bigint",
  int2: "smallint",
  serial: "integer",
  bigserial: "bigint",
  bool: "boolean",
  float: "double precision",
  float4: "real",
  float8: "double precision",
  decimal: "numeric",
  varchar: "character varying",
  char: "character",
  bpchar: "character",
  timestamp: "timestamp without time zone",
  timestamptz: "timestamp with time zone",
  time: "time without time zone",
  timetz: "time with time zone",
  string: "text",
}

export interface TypeName {
  name: string
  /** Length, or precision and scale. */
  modifiers: number[]
  isArray: boolean
}

/** A type as its name, its numbers and whether it is an array, whichever of its names it goes by. */
export function parseTypeName(text: string): TypeName {
  const isArray = /\[\]\s*$/.test(text)
  const plain = text
    .replace(/(\[\])+\s*$/, "")
    .toLowerCase()
    .replace(/\s+/g, " ")
    .trim()
  const modifiers = (/\(([\d\s,]+)\)/.exec(plain)?.[1] ?? "").split(",").filter(Boolean).map(Number)
  const bare = plain
    .replace(/\s*\([\d\s,]+\)/, "")
    .replace(/\s+/g, " ")
    .trim()
  return { name: ALIASES[bare] ?? bare, modifiers, isArray }
}

/** Whether a column is of a type that was asked for; what is asked for without numbers takes any. */
export function isOfType(actual: string, asked: string): boolean {
  const [have, want] = [parseTypeName(actual), parseTypeName(asked)]
  if (have.name !== want.name || have.isArray !== want.isArray) return false
  return want.modifiers.length === 0 || want.modifiers.join() === have.modifiers.join()
}

/** Whole and decimal numbers, each taking all values of those before it. */
const NUMBERS = ["smallint", "integer", "bigint", "numeric"]

/** Whether a type takes every value of another with the same meaning, so that who reads it goes on working. */
export function isWidening(from: string, to: string): boolean {
  const [old, now] = [parseTypeName(from), parseTypeName(to)]
  if (old.isArray !== now.isArray) return false
  if (old.name === now.name) return isRoomier(old, now)
  if (old.name === "real" && now.name === "double precision") return true
  if (old.name === "json" && now.name === "jsonb") return true
  if (["character varying", "character"].includes(old.name)) {
    return now.name === "text" || (now.name === "character varying" && isRoomier(old, now))
  }
  const [low, high] = [NUMBERS.indexOf(old.name), NUMBERS.indexOf(now.name)]
  return low >= 0 && high > low && now.modifiers.length === 0
}

function isRoomier(old: TypeName, now: TypeName): boolean {
  if (now.modifiers.length === 0) return true
  if (old.modifiers.length === 0) return false
  const digits = ({ modifiers: [precision = 0, scale = 0] }: TypeName) => precision - scale
  return digits(now) >= digits(old) && (now.modifiers[1] ?? 0) >= (old.modifiers[1] ?? 0)
}
