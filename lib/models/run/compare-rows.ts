import { formatRows } from "../relation/format-rows.ts"

type Row = readonly (string | null)[]

const MAX_SHOWN = 50

/**
 * What two lists of rows do not have in common, as a table for people, or null when they are equal in any order. `---`: expected,
 * but not there; `+++`: there, but not expected; `→`: nearly as expected, with what differs.
 */
export function compareRows(
  columns: readonly string[],
  actual: readonly Row[],
  expected: readonly Row[],
): string | null {
  const surplus = without(actual, expected)
  const missing = without(expected, actual)
  if (surplus.length === 0 && missing.length === 0) return null
  const lines: string[][] = []
  for (const row of missing) {
    const near = nearest(row, surplus)
    if (near === null) lines.push(["---", ...row.map(shown)])
    else {
      surplus.splice(surplus.indexOf(near), 1)
      lines.push([
        "→",
        ...row.map((value, at) => (value === near[at] ? shown(value) : `${shown(value)}→${shown(near[at] ?? null)}`)),
      ])
    }
  }
  for (const row of surplus) lines.push(["+++", ...row.map(shown)])
  const more = lines.length > MAX_SHOWN ? `\n… and ${lines.length - MAX_SHOWN} more` : ""
  return formatRows(["@@", ...columns], lines.slice(0, MAX_SHOWN)) + more
}

/** Rows of one list that another does not have; of equal rows as many as it has fewer. */
function without(rows: readonly Row[], others: readonly Row[]): Row[] {
  const counts = new Map<string, number>()
  for (const row of others) counts.set(JSON.stringify(row), (counts.get(JSON.stringify(row)) ?? 0) + 1)
  return rows.filter((row) => {
    const key = JSON.stringify(row)
    const left = counts.get(key) ?? 0
    if (left > 0) counts.set(key, left - 1)
    return left === 0
  })
}

/** The row with the most equal values, where there are any. */
function nearest(row: Row, others: readonly Row[]): Row | null {
  let best: Row | null = null
  let most = 0
  for (const other of others) {
    const equal = other.filter((value, at) => value === row[at] && value !== null).length
    if (equal > most) [best, most] = [other, equal]
  }
  return best
}

function shown(value: string | null): string {
  return value === null ? "null" : value.replaceAll("\n", "\\n")
}
