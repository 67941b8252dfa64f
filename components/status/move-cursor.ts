/** Where a key leads from cell `at` of `count` cells in rows of `columns`; null for keys that lead nowhere. */
export function moveCursor(key: string, at: number, count: number, columns: number): number | null {
  const step = STEPS[key]
  if (step === undefined || count === 0) return null
  return Math.min(count - 1, Math.max(0, step(at, count, columns)))
}

const STEPS: Record<string, (at: number, count: number, columns: number) => number> = {
  ArrowRight: (at) => at + 1,
  ArrowLeft: (at) => at - 1,
  ArrowDown: (at, count, columns) => (at + columns < count ? at + columns : at),
  ArrowUp: (at, _, columns) => (at >= columns ? at - columns : at),
  PageDown: (at, _, columns) => at + 10 * columns,
  PageUp: (at, _, columns) => at - 10 * columns,
  Home: () => 0,
  End: (_, count) => count - 1,
}
