import type { ColumnShape } from "./compare-columns.ts"
import { isOfType } from "./type-names.ts"

export interface PromisedColumn {
  name: string
  type?: string | undefined
}

/** One line of a contract as it stands. */
export interface ContractLine {
  column: string
  /** Null: any type, or a column that the contract does not name. */
  promised: string | null
  /** Null: there is none. */
  actual: string | null
  verdict: "kept" | "missing" | "wrong_type" | "extra"
  isBroken: boolean
}

/** Holds a table's columns against those that are promised to its readers: first the promised ones, then the others. */
export function judgeContract(
  promised: readonly PromisedColumn[],
  actual: readonly ColumnShape[],
  allowExtra: boolean,
): ContractLine[] {
  const types = new Map(actual.map(({ name, type }) => [name, type]))
  const names = new Set(promised.map(({ name }) => name))
  return [
    ...promised.map(({ name, type }): ContractLine => {
      const found = types.get(name) ?? null
      const verdict =
        found === null ? "missing" : type === undefined || isOfType(found, type) ? "kept" : ("wrong_type" as const)
      return { column: name, promised: type ?? null, actual: found, verdict, isBroken: verdict !== "kept" }
    }),
    ...actual
      .filter(({ name }) => !names.has(name))
      .map(
        ({ name, type }): ContractLine => ({
          column: name,
          promised: null,
          actual: type,
          verdict: "extra",
          isBroken: !allowExtra,
        }),
      ),
  ]
}

/** What is broken in a contract, in a sentence; null where nothing is. */
export function contractText(lines: readonly ContractLine[]): string | null {
  const broken = lines.filter(({ isBroken }) => isBroken)
  if (broken.length === 0) return null
  const parts = broken.slice(0, 5).map(lineText)
  if (broken.length > parts.length) parts.push(`and ${broken.length - parts.length} more`)
  return `${parts.join(", ")}.`
}

function lineText({ column, promised, actual, verdict }: ContractLine): string {
  if (verdict === "missing") return `${column} is missing`
  return verdict === "extra" ? `${column} is not in the contract` : `${column} is ${actual}, not ${promised}`
}
