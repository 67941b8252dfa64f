import type { CheckResult, DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { Mark } from "../ui/badge.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** The columns as the last load saw them, with how many checks each has and whether they pass. */
export function ColumnTable({
  columns,
  checks,
}: {
  columns: DatasetDetail["columns"]
  checks: readonly CheckResult[]
}) {
  if (columns.length === 0) {
    return (
      <EmptyState title="Columns are not known yet">
        They are read when a task of this workspace loads the table the next time.
      </EmptyState>
    )
  }
  return (
    <Table aria-label="Columns" className="table-fixed">
      <thead>
        <tr>
          <Th>Column</Th>
          <Th className="w-[30%]">Type</Th>
          <Th className="w-[30%]">Checks</Th>
        </tr>
      </thead>
      <tbody>
        {columns.map((column) => (
          <Tr key={column.name}>
            <Td className="font-med" title={column.name}>
              {column.name}
            </Td>
            <Td className="text-t2">
              <code>{column.type}</code>
            </Td>
            <Td>
              <Checks checks={checks.filter((check) => check.column === column.name)} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Checks({ checks }: { checks: readonly CheckResult[] }) {
  const failing = checks.filter((check) => !check.passed)
  if (checks.length === 0) return <span className="text-t3">none</span>
  if (failing.length > 0) return <Mark glyph="failed">{failing.map((check) => check.kind).join(", ")}</Mark>
  return (
    <Mark glyph="success" className="font-body text-t2">
      {checks.length} pass
    </Mark>
  )
}
