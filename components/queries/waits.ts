import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query"
import type { Page } from "#lib/contracts/api/common.ts"
import type { ApprovalReceipt, DecideApproval, OpenWait } from "#lib/contracts/api/waits.ts"
import { toast } from "../ui/toast.tsx"
import { adviceFor, getJson, sendJson } from "./client.ts"
import { runKeys, waitKeys } from "./keys.ts"

/** What waits for a person's approval, oldest first; at most 500. */
export const approvalsQuery = () =>
  queryOptions({
    queryKey: waitKeys.approvals(),
    queryFn: async ({ signal }) => {
      const page = await getJson<Page<OpenWait>>("/waits", { kind: "approval", limit: 500 }, signal)
      return page.items
    },
  })

/** Approves or rejects; the first answer stands. */
export function useDecideApproval() {
  const client = useQueryClient()
  return useMutation({
    mutationFn: ({ taskRunId, ...body }: DecideApproval & { taskRunId: string }) =>
      sendJson<ApprovalReceipt>("POST", `/approvals/${taskRunId}`, body),
    onSuccess: (receipt) => {
      toast.success(`Task ${receipt.taskId} of run ${receipt.runId} is ${receipt.decision}.`)
    },
    onError: (error) => toast.error(adviceFor(error)),
    // Also after a refusal: somebody else has answered, and the screen should say so.
    onSettled: () => {
      void client.invalidateQueries({ queryKey: waitKeys.all })
      void client.invalidateQueries({ queryKey: runKeys.all })
    },
  })
}
