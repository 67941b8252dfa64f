"use client"
import type { TaskRun } from "#lib/contracts/api/runs.ts"
import { SidePanelSection } from "../ui/side-panel.tsx"
import { ApprovalForm } from "./approval-form.tsx"
import { WaitText } from "./wait-text.tsx"

/** What the selected task waits for, and what a person can do about it. Nothing where it does not wait. */
export function WaitSection({ taskRun }: { taskRun: TaskRun }) {
  const { wait } = taskRun
  if (!wait || taskRun.state !== "deferred") return null
  const url = wait.kind === "callback" && typeof taskRun.outputs.url === "string" ? taskRun.outputs.url : null
  return (
    <SidePanelSection title={wait.approval ? wait.approval.title : "Waiting"}>
      {wait.approval?.details && <p className="mb-2 whitespace-pre-wrap break-words">{wait.approval.details}</p>}
      <p className="break-words text-t2">
        <WaitText wait={wait} />.
      </p>
      {url && (
        <p className="mt-2 text-t2">
          Ends with a <code>POST</code> of JSON to <code className="break-all">{url}</code>
        </p>
      )}
      {wait.approval && (
        <div className="mt-3">
          <ApprovalForm key={taskRun.id} taskRunId={taskRun.id} taskId={taskRun.taskId} />
        </div>
      )}
    </SidePanelSection>
  )
}
