import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { Time } from "../format/time.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** How far each source has been read. */
export function WatermarkTable({ watermarks }: { watermarks: DatasetDetail["watermarks"] }) {
  if (watermarks.length === 0) {
    return (
      <EmptyState title="No watermark">
        Only an incremental extract keeps one: the largest value it has read of a column such as <code>updated_at</code>
        .
      </EmptyState>
    )
  }
  return (
    <Table aria-label="Watermarks" className="table-fixed">
      <thead>
        <tr>
          <Th>Source</Th>
          <Th className="w-[22%]">Column</Th>
          <Th className="w-[30%]">Read up to</Th>
          <Th isNumber className="w-[140px] max-sm:hidden">
            Moved
          </Th>
        </tr>
      </thead>
      <tbody>
        {watermarks.map((one) => (
          <Tr key={`${one.source} ${one.column}`}>
            <Td className="font-med">{one.source}</Td>
            <Td>
              <code>{one.column}</code>
            </Td>
            <Td title={one.value}>{one.value}</Td>
            <Td isNumber className="text-t2 max-sm:hidden">
              <Time at={one.updatedAt} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
