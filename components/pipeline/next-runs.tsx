"use client"
import { useQuery } from "@tanstack/react-query"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { RelativeTime, Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { nextRunsQuery } from "../queries/pipelines.ts"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

const SHOWN = 10

/** What the schedules start next, each with its interval and with what a clock change or a day off does to it. */
export function NextRuns({ pipeline }: { pipeline: PipelineDetail }) {
  const next = useQuery(nextRunsQuery(pipeline.id, SHOWN))
  if (next.error && !next.data) {
    return (
      <ErrorState
        title="The next runs could not be read"
        message={adviceFor(next.error)}
        onRetry={() => void next.refetch()}
      />
    )
  }
  if (!next.data) return <SkeletonRows label="Reading the next runs" rows={4} />
  const { runs, isPaused } = next.data
  if (runs.length === 0) return <p className="text-t2">No schedule starts it.</p>
  return (
    <>
      {isPaused && <p className="mb-2 text-t2">It is paused: none of these starts until it is resumed.</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard, too */}
      <section className="overflow-x-auto" aria-label="Next runs" tabIndex={0}>
        <Table>
          <thead>
            <tr>
              <Th className="first:pl-0 max-sm:first:pl-0">Starts</Th>
              <Th>In its zone</Th>
              <Th>Data from</Th>
              <Th>up to</Th>
              <Th>Schedule</Th>
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => (
              <Tr key={`${run.scheduleKey} ${run.logicalAt}`}>
                <Td className="whitespace-nowrap first:pl-0 max-sm:first:pl-0">
                  <Time at={run.runAt} /> <RelativeTime at={run.runAt} className="ml-1 text-t3" />
                </Td>
                <Td className="whitespace-nowrap text-t2" title={run.timezone}>
                  {run.localTime}
                </Td>
                <Td className="whitespace-nowrap text-t2">
                  <Time at={run.intervalStart} />
                </Td>
                <Td className="whitespace-nowrap text-t2">
                  <Time at={run.intervalEnd} />
                </Td>
                <Td className="max-w-none whitespace-normal text-t2">
                  {run.schedule}
                  {run.remarks.map((remark) => (
                    <span key={remark} className="block text-12 text-t1">
                      {remark}
                    </span>
                  ))}
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      </section>
    </>
  )
}
