"use client"
import { useQuery } from "@tanstack/react-query"
import { Time } from "../format/time.tsx"
import { deadlinesQuery } from "../queries/deadlines.ts"
import { Card } from "../ui/card.tsx"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { alertWords } from "./deadline-words.ts"

/** Missed deadlines of all pipelines whose work is not done yet. Takes no room while there are none. */
export function MissedCard() {
  const { data } = useQuery(deadlinesQuery({ state: "missed", limit: 5 }))
  if (!data || data.length === 0) return null
  return (
    <Card title="Missed deadlines">
      <ul>
        {data.map((deadline) => (
          <li key={deadline.id} className="border-grid border-b px-4 py-[7px] last:border-0">
            <div className="flex items-center gap-1.5">
              <StateIcon name="late" />
              <Link
                href={
                  deadline.runId ? `/runs/${deadline.runId}` : `/pipelines/${encodeURIComponent(deadline.pipelineId)}`
                }
                title={deadline.pipelineId}
                className="min-w-0 flex-1 truncate font-strong hover:text-accent-t"
              >
                {deadline.pipelineId}
              </Link>
              <b className="text-failed-t">Late</b>
            </div>
            <p className="line-clamp-2 pl-5 text-12 text-t2" title={deadline.message ?? undefined}>
              {deadline.message}
            </p>
            <p className="pl-5 text-12 text-t3">
              Due <Time at={deadline.dueAt} style="short" />
              {alertWords(deadline) && `; ${alertWords(deadline)}`}
            </p>
          </li>
        ))}
      </ul>
    </Card>
  )
}
