import type { WorkerView } from "#lib/contracts/api/system.ts"
import { RelativeTime } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import type { StateGlyph } from "../ui/glyphs.ts"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

const LOOKS: Record<WorkerView["state"], { glyph: StateGlyph; label: string }> = {
  active: { glyph: "success", label: "Active" },
  draining: { glyph: "deferred", label: "Draining" },
  gone: { glyph: "cancelled", label: "Gone" },
}

/** Workers with what they run and when they were last heard of. */
export function WorkerTable({ workers }: { workers: readonly WorkerView[] }) {
  return (
    <Table aria-label="Workers" className="table-fixed">
      <thead>
        <tr>
          <Th className="w-[130px] max-sm:w-[112px]">State</Th>
          <Th>Worker</Th>
          <Th className="w-[110px] max-md:hidden">Version</Th>
          <Th isNumber className="w-[130px] max-sm:hidden">
            Up since
          </Th>
          <Th isNumber className="w-[130px] max-sm:hidden">
            Heard of
          </Th>
          <Th isNumber className="w-[130px] max-sm:w-[104px]">
            Slots in use
          </Th>
        </tr>
      </thead>
      <tbody>
        {workers.map((worker) => (
          <Tr key={worker.id}>
            <Td>
              <Mark glyph={LOOKS[worker.state].glyph}>{LOOKS[worker.state].label}</Mark>
            </Td>
            <Td title={worker.id}>
              <span className="font-med">{worker.host}</span> <span className="text-t3">process {worker.pid}</span>
            </Td>
            <Td className="text-t2 max-md:hidden">{worker.version}</Td>
            <Td isNumber className="text-t2 max-sm:hidden">
              <RelativeTime at={worker.startedAt} />
            </Td>
            <Td isNumber className="text-t2 max-sm:hidden">
              <RelativeTime at={worker.heartbeatAt} />
            </Td>
            <Td isNumber>
              {worker.running} <span className="text-t3">of {worker.slots}</span>
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
