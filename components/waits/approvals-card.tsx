"use client"
import { useQuery } from "@tanstack/react-query"
import { RelativeTime } from "../format/time.tsx"
import { approvalsQuery } from "../queries/waits.ts"
import { Card } from "../ui/card.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"

const SHOWN = 4

/** What waits for a person, on the overview; nothing where nothing does. */
export function ApprovalsCard() {
  const { data } = useQuery(approvalsQuery())
  if (!data || data.length === 0) return null
  return (
    <Card
      title="Waiting for approval"
      aside={
        <Link href="/approvals" className="link text-12">
          {data.length > SHOWN ? `All ${data.length}` : "Answer"}
        </Link>
      }
    >
      <ul>
        {data.slice(0, SHOWN).map((wait) => (
          <li key={wait.taskRunId} className="border-grid border-b px-4 py-[7px] last:border-0">
            <div className="flex items-center gap-1.5">
              <StateIcon name="deferred" />
              <Link
                href={`/runs/${wait.runId}?task=${encodeURIComponent(wait.taskId)}`}
                className="min-w-0 flex-1 truncate font-strong hover:text-accent-t"
              >
                {wait.approval?.title ?? wait.taskId}
              </Link>
              <RelativeTime at={wait.since} className="whitespace-nowrap text-12 text-t3" />
            </div>
            <p className="truncate pl-5 text-12 text-t2">
              {wait.taskId} of run {wait.runId} of {wait.pipelineId}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
