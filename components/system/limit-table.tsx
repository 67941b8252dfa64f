"use client"
import type { SlotLimit } from "#lib/contracts/api/queue.ts"
import { RelativeTime } from "../format/time.tsx"
import { Button } from "../ui/button.tsx"
import { cn } from "../ui/cn.ts"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

const KINDS = { pool: "Pool", pipeline: "Pipeline", key: "Key" } as const

/** Pools and other limits: how many slots each has, holds and is waited for. Only pools are changed here. */
export function LimitTable({
  limits,
  shown,
  onShow,
  onEdit,
}: {
  limits: readonly SlotLimit[]
  /** Id of the limit whose waiting tasks are shown. */
  shown: string | null
  onShow: (id: string) => void
  onEdit: (pool: SlotLimit) => void
}) {
  return (
    <Table aria-label="Pools and limits" className="table-fixed">
      <thead>
        <tr>
          <Th className="w-[92px] max-sm:w-[76px]">Kind</Th>
          <Th>Name</Th>
          <Th className="w-[220px] max-md:hidden">In use</Th>
          <Th isNumber className="w-[116px] max-sm:w-[84px]">
            Slots
          </Th>
          <Th isNumber className="w-[124px] max-sm:w-[72px]">
            Waiting
          </Th>
          <Th isNumber className="w-[132px] max-lg:hidden">
            Oldest
          </Th>
          <Th className="w-[104px] max-sm:w-[92px]">
            <span className="sr-only">Change</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {limits.map((limit) => (
          <Tr key={limit.id} aria-selected={limit.id === shown || undefined}>
            <Td className="text-t3">{KINDS[limit.kind]}</Td>
            <Td title={limit.description || limit.name} className="font-med">
              {limit.name}
              {limit.description && <span className="ml-2 font-body text-t3">{limit.description}</span>}
            </Td>
            <Td className="max-md:hidden">
              <Meter limit={limit} />
            </Td>
            <Td isNumber>
              {limit.used} <span className="text-t3">of {limit.capacity ?? "any"}</span>
            </Td>
            <Td isNumber>
              {limit.waiting > 0 ? (
                <button
                  type="button"
                  className="rounded-1 underline decoration-line-strong"
                  aria-label={`${limit.waiting} waiting for ${limit.name}`}
                  aria-expanded={limit.id === shown}
                  onClick={() => onShow(limit.id)}
                >
                  {limit.waiting}
                </button>
              ) : (
                <span className="text-t3">0</span>
              )}
            </Td>
            <Td isNumber className="text-t2 max-lg:hidden">
              {limit.oldestSince ? <RelativeTime at={limit.oldestSince} /> : ""}
            </Td>
            <Td>
              {limit.kind === "pool" && (
                <Button size="sm" aria-label={`Change pool ${limit.name}`} onClick={() => onEdit(limit)}>
                  Change
                </Button>
              )}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}

function Meter({ limit: { used, capacity } }: { limit: SlotLimit }) {
  if (capacity === 0) return <span className="text-t2">Closed</span>
  const share = capacity === null ? 0 : Math.min(1, used / capacity)
  return (
    <span aria-hidden="true" className="block h-1.5 w-full overflow-hidden rounded-full bg-band">
      <span
        className={cn("block h-full", share >= 1 ? "bg-[var(--st-up_for_retry)]" : "bg-running")}
        style={{ width: `${share * 100}%` }}
      />
    </span>
  )
}
