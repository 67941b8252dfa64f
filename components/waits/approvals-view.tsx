"use client"
import { useQuery } from "@tanstack/react-query"
import type { OpenWait } from "#lib/contracts/api/waits.ts"
import { RelativeTime } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { approvalsQuery } from "../queries/waits.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { Card } from "../ui/card.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { PageHeader } from "../ui/page-header.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { ApprovalForm } from "./approval-form.tsx"
import { WaitText } from "./wait-text.tsx"

/** Everything that waits for a person, to be answered on the spot. */
export function ApprovalsView() {
  const reading = useQuery(approvalsQuery())
  const { data, error, isError, refetch } = reading
  return (
    <>
      <StaleNotice reading={reading} />
      <PageHeader
        title="Approvals"
        beside={data && data.length > 0 && <span className="text-t3">{data.length}</span>}
      />
      {isError && !data ? (
        <ErrorState title="The approvals could not be read" message={adviceFor(error)} onRetry={() => void refetch()} />
      ) : !data ? (
        <SkeletonRows label="Reading approvals" />
      ) : data.length > 0 ? (
        <ul className="flex max-w-[840px] flex-col gap-3 px-6 pb-6 max-sm:px-4">
          {data.map((wait) => (
            <li key={wait.taskRunId}>
              <Question wait={wait} />
            </li>
          ))}
        </ul>
      ) : (
        <EmptyState title="Nothing waits for you">
          A task <code>approval()</code> asks here whether its run goes on, and holds no worker meanwhile.
        </EmptyState>
      )}
    </>
  )
}

function Question({ wait }: { wait: OpenWait }) {
  const { runId, pipelineId, taskId } = wait
  return (
    <Card title={wait.approval?.title ?? wait.text}>
      <div className="flex flex-col gap-2 px-4 py-3">
        <p className="flex flex-wrap items-center gap-x-1.5 text-t2">
          <StateIcon name="deferred" />
          <Link className="link" href={`/runs/${runId}?task=${encodeURIComponent(taskId)}`}>
            {taskId} of run {runId}
          </Link>
          of {pipelineId}, asked <RelativeTime at={wait.since} />
        </p>
        {wait.approval?.details && <p className="whitespace-pre-wrap break-words">{wait.approval.details}</p>}
        <p className="text-t2">
          <WaitText wait={wait} />.
        </p>
        <ApprovalForm taskRunId={wait.taskRunId} taskId={taskId} isPrimary={false} />
      </div>
    </Card>
  )
}
