import type { NodeResult } from "#lib/models/run/run-project.ts"
import { plain } from "../output.ts"
import type { DbtConsole } from "./console.ts"

/** Prints the rows of `show`, as a table or as JSON. */
export function printRows(console: DbtConsole, { node, preview }: NodeResult, isJson: boolean): void {
  if (!preview) return
  const { columns, rows } = preview
  if (isJson) {
    const show = rows.map((row) => Object.fromEntries(columns.map((column, place) => [column, row[place] ?? null])))
    console.print(JSON.stringify({ node: node.name, show }, null, 2))
    return
  }
  const cells = rows.map((row) => row.map((value) => (value === null ? "" : plain(String(value)))))
  const widths = columns.map((name, place) => Math.max(name.length, ...cells.map((row) => row[place]!.length)))
  const line = (each: readonly string[]) => `| ${each.map((cell, place) => cell.padEnd(widths[place]!)).join(" | ")} |`
  const table = [line(columns), line(widths.map((width) => "-".repeat(width))), ...cells.map(line)]
  console.print([`Previewing node '${node.name}':`, ...table].join("\n"))
}
