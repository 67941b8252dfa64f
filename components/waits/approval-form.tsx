"use client"
import { useId, useState } from "react"
import { useDecideApproval } from "../queries/waits.ts"
import { Button } from "../ui/button.tsx"
import { Field } from "../ui/input.tsx"

/** Approves or rejects what a task asks, with a comment that is kept. `isPrimary` where it is what the screen is for. */
export function ApprovalForm({
  taskRunId,
  taskId,
  isPrimary = true,
}: {
  taskRunId: string
  taskId: string
  isPrimary?: boolean
}) {
  const [comment, setComment] = useState("")
  const decide = useDecideApproval()
  const name = useId()
  const answer = (decision: "approve" | "reject") => decide.mutate({ taskRunId, decision, comment: comment.trim() })
  return (
    <form
      className="flex flex-col gap-2"
      aria-label={`Approval of ${taskId}`}
      onSubmit={(event) => {
        event.preventDefault()
        answer("approve")
      }}
    >
      <Field label="Comment" hint="Kept with the answer.">
        <textarea
          name={name}
          rows={2}
          maxLength={2_000}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
          className="min-h-12 w-full resize-y rounded-2 border border-line-control bg-surface px-2 py-1 text-t1"
        />
      </Field>
      <div className="flex gap-2">
        <Button type="submit" variant={isPrimary ? "primary" : "default"} icon="check" disabled={decide.isPending}>
          Approve
        </Button>
        <Button icon="x" disabled={decide.isPending} onClick={() => answer("reject")}>
          Reject
        </Button>
      </div>
    </form>
  )
}
