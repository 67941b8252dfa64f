"use client"
import { useQuery } from "@tanstack/react-query"
import { RelativeTime } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { waitingQuery } from "../queries/queue.ts"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { Link } from "../ui/link.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { Table, Td, Th, Tr } from "../ui/table.tsx"

/** The first 100 tasks that wait for a slot of a limit, or for a worker, in the order in which they will go. */
export function WaitingTable({ limitId, onClose }: { limitId: string | null; onClose: () => void }) {
  const waiting = useQuery(waitingQuery(limitId))
  const name = limitId === null ? "a worker" : limitId.slice(limitId.indexOf("/") + 1)
  return (
    <section aria-label={`Waiting for ${name}`} className="mt-3 border-line border-y bg-canvas">
      <div className="flex h-10 items-center px-6 max-sm:px-4">
        <h3>Waiting for {name}</h3>
        <Button
          variant="ghost"
          icon="x"
          className="ml-auto"
          aria-label="Close the list"
          title="Close the list"
          onClick={onClose}
        />
      </div>
      {!waiting.data ? (
        waiting.error ? (
          <ErrorState
            title="What waits could not be read"
            message={adviceFor(waiting.error)}
            onRetry={() => void waiting.refetch()}
          />
        ) : (
          <SkeletonRows rows={3} label="Reading what waits" />
        )
      ) : waiting.data.length === 0 ? (
        <EmptyState title="Nothing waits any more" />
      ) : (
        <Table aria-label={`Tasks waiting for ${name}`} className="table-fixed">
          <thead>
            <tr>
              <Th>Task</Th>
              <Th className="w-[30%]">Pipeline</Th>
              <Th className="w-[84px] max-sm:hidden">Run</Th>
              <Th isNumber className="w-[92px] max-md:hidden">
                Priority
              </Th>
              <Th isNumber className="w-[124px]">
                Ready
              </Th>
            </tr>
          </thead>
          <tbody>
            {waiting.data.map((task) => (
              <Tr key={task.taskRunId}>
                <Td className="font-med">
                  <Link
                    className="hover:text-accent-t"
                    href={`/runs/${task.runId}?tab=gantt&task=${encodeURIComponent(task.taskId)}`}
                  >
                    {task.taskId}
                  </Link>
                </Td>
                <Td className="text-t2">{task.pipelineId}</Td>
                <Td className="max-sm:hidden">{task.runId}</Td>
                <Td isNumber className="max-md:hidden">
                  {task.priority}
                </Td>
                <Td isNumber className="text-t2">
                  <RelativeTime at={task.readyAt} />
                </Td>
              </Tr>
            ))}
          </tbody>
        </Table>
      )}
    </section>
  )
}
