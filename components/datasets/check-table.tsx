import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { formatExact } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { Result } from "../quality/check-list.tsx"
import { worstFirst } from "../quality/check-words.ts"
import { Link } from "../ui/link.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** Results of checks, failures first. */
export function CheckTable({ checks }: { checks: readonly CheckResult[] }) {
  const ordered = worstFirst(checks)
  return (
    <Table aria-label="Checks" className="table-fixed">
      <thead>
        <tr>
          <Th className="w-[104px]">Result</Th>
          <Th>Check</Th>
          <Th className="w-[110px] max-xl:hidden">Dimension</Th>
          <Th className="w-[30%] max-sm:hidden">What it found</Th>
          <Th className="w-[116px] max-2xl:hidden">Checked</Th>
          <Th isNumber className="w-[112px]">
            Rows failed
          </Th>
        </tr>
      </thead>
      <tbody>
        {ordered.map((check) => (
          <Tr key={check.id}>
            <Td>
              <Result check={check} />
            </Td>
            <Td title={check.name}>
              <span className="font-med">{check.sentence ?? check.name}</span>
            </Td>
            <Td className="text-t2 max-xl:hidden">{check.dimension}</Td>
            <Td className="text-t2 max-sm:hidden" title={check.message}>
              {check.message}
            </Td>
            <Td className="max-2xl:hidden">
              <Link
                href={`/datasets/${encodeURIComponent(check.dataset)}?check=${check.id}`}
                className="text-t2 hover:text-accent-t"
              >
                <Time at={check.at} />
              </Link>
            </Td>
            <Td isNumber title={`of ${formatExact(check.rowsChecked)}`}>
              {check.rowsFailed === 0 ? <span className="text-t3">0</span> : formatExact(check.rowsFailed)}
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  )
}
