/** One measured figure. */
export interface Row {
  name: string
  value: number
  unit: string
  /** How it compares, where there is something to compare with: `value` as a multiple of what `of` names. */
  ratio?: number
  of?: string
}

/** What a `bench/*.bench.ts` file exports by default. */
export interface Benchmark {
  name: string
  /** Times that `run` is called; each figure is the median. 1 when left out: such a benchmark repeats by itself. */
  rounds?: number
  run(): Promise<Row[]>
}

/** Runs a benchmark as often as it asks for, and resolves to the median of each figure. */
export async function measure({ rounds = 1, run }: Benchmark): Promise<Row[]> {
  const results: Row[][] = []
  for (let round = 0; round < rounds; round++) results.push(await run())
  return (results[0] ?? []).map((row, index) => {
    const same = results.flatMap((rows) => rows[index] ?? [])
    return {
      ...row,
      value: median(same.map(({ value }) => value)),
      ...(row.ratio !== undefined && { ratio: median(same.flatMap(({ ratio }) => ratio ?? [])) }),
    }
  })
}

/** The middle value, or the mean of the two in the middle. @throws RangeError without values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("The median needs at least one value.")
  const sorted = [...values].sort((a, b) => a - b)
  const middle = (sorted.length - 1) / 2
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2
}

/** A table for people: one line a figure, numbers aligned on the right. */
export function formatTable(rows: readonly Row[]): string {
  const cells = rows.map(({ name, value, unit, ratio, of }) => [
    name,
    formatNumber(value),
    unit,
    ratio === undefined ? "" : `${ratio.toFixed(2)} × ${of ?? ""}`,
  ])
  const width = (column: number) => Math.max(0, ...cells.map((row) => row[column]?.length ?? 0))
  return cells
    .map(([name = "", value = "", unit = "", comparison = ""]) =>
      `  ${name.padEnd(width(0))}  ${value.padStart(width(1))} ${unit.padEnd(width(2))}  ${comparison}`.trimEnd(),
    )
    .join("\n")
}

/** Three significant digits for small numbers, whole ones with separators for large. */
function formatNumber(value: number): string {
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US")
  return value.toPrecision(3)
}
