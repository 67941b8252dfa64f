"use client"
import { useQuery } from "@tanstack/react-query"
import type { DeadlineView } from "#lib/contracts/api/deadlines.ts"
import { Time, UpcomingTime } from "../format/time.tsx"
import { deadlinesQuery } from "../queries/deadlines.ts"
import { StateIcon } from "../ui/icon.tsx"
import { Link } from "../ui/link.tsx"
import { alertWords, shownDeadlines } from "./deadline-words.ts"

/** What a run was late for, or is to be done by. Nothing where it has no deadlines. */
export function RunDeadlines({ runId, isOver }: { runId: string; isOver: boolean }) {
  const { data } = useQuery(deadlinesQuery({ runId }))
  const shown = data ? shownDeadlines(data, isOver) : []
  if (shown.length === 0) return null
  return (
    <ul className="mt-3 flex flex-col gap-1" aria-label="Deadlines">
      {shown.map((deadline) => (
        <li key={deadline.id} className="flex items-baseline gap-1.5 text-t2">
          <DeadlineNote deadline={deadline} />
        </li>
      ))}
    </ul>
  )
}

/** What a pipeline was late for lately, and is not done yet. */
export function PipelineDeadlines({ pipelineId }: { pipelineId: string }) {
  const { data } = useQuery(deadlinesQuery({ pipelineId, state: "missed", limit: 3 }))
  if (!data || data.length === 0) return null
  return (
    <ul className="mt-3 flex flex-col gap-1" aria-label="Missed deadlines">
      {data.map((deadline) => (
        <li key={deadline.id} className="flex items-baseline gap-1.5 text-t2">
          <DeadlineNote deadline={deadline} isLinked />
        </li>
      ))}
    </ul>
  )
}

function DeadlineNote({ deadline, isLinked = false }: { deadline: DeadlineView; isLinked?: boolean }) {
  if (deadline.state === "pending") {
    return (
      <>
        <StateIcon name="scheduled" className="self-center" />
        <span>
          To be {deadline.taskId && <b className="text-t1">{deadline.taskId} </b>}
          {deadline.text}: <UpcomingTime at={deadline.dueAt} />
        </span>
      </>
    )
  }
  const alert = alertWords(deadline)
  return (
    <>
      <StateIcon name="late" className="self-center" />
      <span>
        <b className="text-failed-t">{deadline.state === "late" ? "Was late" : "Late"}</b>{" "}
        {isLinked && deadline.runId ? (
          <Link className="link" href={`/runs/${deadline.runId}`}>
            {deadline.message}
          </Link>
        ) : (
          deadline.message
        )}{" "}
        <span className="text-t3" title={deadline.deliveryError ?? undefined}>
          Due <Time at={deadline.dueAt} style="short" />
          {deadline.completedAt && (
            <>
              , done <Time at={deadline.completedAt} style="short" />
            </>
          )}
          {alert && `; ${alert}`}
        </span>
      </span>
    </>
  )
}
