import Link from "next/link"
import type { CheckResult } from "#lib/contracts/api/datasets.ts"
import { formatExact } from "../format/count.ts"
import { Time } from "../format/time.tsx"
import { Mark } from "../ui/badge.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** The newest result of each check, failures first. */
export function CheckTable({ checks }: { checks: readonly CheckResult[] }) {
  if (checks.length === 0) {
    return (
      <EmptyState title="No checks yet">
        Add a task with <code>checks({"{ table, expect: [notNull(…), unique(…)] }"})</code> after the one that writes
        this table. Its results and the score appear here.
      </EmptyState>
    )
  }
  const ordered = checks.toSorted((a, b) => Number(a.passed) - Number(b.passed) || a.name.localeCompare(b.name))
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
              {check.passed ? (
                <Mark glyph="success" className="font-body text-t2">
                  Pass
                </Mark>
              ) : (
                <Mark glyph={check.severity === "error" ? "failed" : "at_risk"}>
                  {check.severity === "error" ? "Fail" : "Warn"}
                </Mark>
              )}
            </Td>
            <Td title={check.name}>
              <span className="font-med">{check.name}</span>
              {check.column && <span className="text-t3"> on {check.column}</span>}
            </Td>
            <Td className="text-t2 max-xl:hidden">{check.dimension}</Td>
            <Td className="text-t2 max-sm:hidden" title={check.message}>
              {check.message}
            </Td>
            <Td className="max-2xl:hidden">
              <Link href={`/runs/${check.runId}`} prefetch={false} className="text-t2 hover:text-accent-t">
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
