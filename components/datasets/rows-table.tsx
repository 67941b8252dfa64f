import type { SampleColumn } from "#lib/contracts/api/samples.ts"
import { MASK } from "#lib/domain/mask.ts"
import { cn } from "../ui/cn.ts"
import { Icon } from "../ui/icon.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** Rows of the warehouse. Masked columns say why; NULL looks like no text. */
export function RowsTable({
  label,
  columns,
  rows,
}: {
  label: string
  columns: readonly SampleColumn[]
  rows: readonly (readonly (string | null)[])[]
}) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
      tabIndex={0}
      className="min-h-0 flex-1 overflow-auto focus-visible:-outline-offset-2"
    >
      <Table aria-label={label} className="w-max min-w-full">
        <thead>
          <tr>
            {columns.map((column) => (
              <Th key={column.name} title={maskWords(column) ?? column.type}>
                <span className="inline-flex items-center gap-1">
                  {column.maskedBy !== null && <Icon name="lock" size={12} />}
                  {column.name}
                  <span className="font-body text-t3">
                    {column.maskedBy === null
                      ? column.type
                      : column.maskedBy === "unknown"
                        ? "perhaps personal"
                        : column.maskedBy}
                  </span>
                </span>
              </Th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of one answer never move, and have no other name
            <Tr key={index}>
              {columns.map((column, position) => (
                <Td key={column.name} className="max-w-80" title={row[position] ?? undefined}>
                  <CellText value={row[position] ?? null} />
                </Td>
              ))}
            </Tr>
          ))}
        </tbody>
      </Table>
    </section>
  )
}

/** One value: NULL and masked ones are told apart from texts that look like them. */
export function CellText({ value, className }: { value: string | null; className?: string }) {
  if (value === null) return <i className={cn("text-t3", className)}>null</i>
  if (value === MASK) {
    return (
      <span className={cn("text-t3", className)}>
        <span aria-hidden="true">{MASK}</span>
        <span className="sr-only">masked</span>
      </span>
    )
  }
  return <span className={className}>{value}</span>
}

function maskWords({ maskedBy }: SampleColumn): string | null {
  if (maskedBy === null) return null
  if (maskedBy !== "unknown") return `Masked: it holds personal or sensitive data (${maskedBy}).`
  return "Masked: there is personal data in this dataset, and nobody can tell that it is not in this column."
}
