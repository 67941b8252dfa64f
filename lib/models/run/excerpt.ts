const AROUND = 2

/** The lines of a query around one, counted from 1, with that one marked. */
export function excerpt(code: string, line: number): string[] {
  const lines = code.split("\n")
  const from = Math.max(1, line - AROUND)
  return lines
    .slice(from - 1, line + AROUND)
    .map((text, index) => `  ${from + index === line ? ">" : " "} ${String(from + index).padStart(4)} | ${text}`)
}
