import { PyFloat, type Value } from "../jinja/values.ts"
import { ResultTable } from "../relation/result-table.ts"
import type { AnswerField, StatementAnswer } from "./database.ts"

const BOOL = 16
const INTEGERS = new Set([20, 21, 23, 26])
const FLOATS = new Set([700, 701])
const NUMERIC = 1700

/** The answer of a query as templates see it. */
export function toTable({ fields, rows }: StatementAnswer): ResultTable {
  const convert = fields.map(converterFor)
  return new ResultTable(
    fields.map(({ name }) => name),
    rows.map((row) => row.map((text, place) => (text === null ? null : convert[place]!(text)))),
  )
}

/** Dates and times stay text as PostgreSQL writes them; a macro that reckons with them parses them. */
function converterFor({ oid }: AnswerField): (text: string) => Value {
  if (INTEGERS.has(oid)) return toInt
  if (oid === BOOL) return (text) => text === "t"
  if (FLOATS.has(oid)) return (text) => new PyFloat(Number(text))
  // As agate does: a numeric without a fraction prints without one.
  if (oid === NUMERIC) return (text) => (/^-?\d+$/.test(text) ? toInt(text) : new PyFloat(Number(text)))
  return (text) => text
}

function toInt(text: string): Value {
  const number = Number(text)
  return Number.isSafeInteger(number) ? number : BigInt(text)
}
