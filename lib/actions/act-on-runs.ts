import type { BulkAction, BulkResult } from "../contracts/api/runs.ts"
import { assertNever } from "../domain/assert-never.ts"
import { AppError } from "../domain/errors.ts"
import type { RunId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import { cancelRun, previewCancel } from "./cancel-run.ts"
import { clearRun } from "./clear-run.ts"
import { markRun } from "./mark-run.ts"
import { moveRunToNewest } from "./move-run.ts"

export interface BulkRequest {
  action: BulkAction
  runIds: readonly RunId[]
  /** For `retry`. */
  version: "pinned" | "newest"
  dryRun: boolean
  actor: string
}

/**
 * Does the same to many runs, one transaction a run, in the order of their ids. What cannot be done to one of them is said
 * for that one and stops none of the others.
 */
export async function actOnRuns(store: Store, request: BulkRequest): Promise<BulkResult> {
  const items: BulkResult["items"] = []
  for (const runId of inOrder(request.runIds)) {
    try {
      const effect = await act(store, runId, request)
      items.push({ runId, ok: true, text: effect.text, tasks: effect.tasks, undoId: effect.undoId ?? null })
    } catch (error) {
      if (!(error instanceof AppError) || error.code === "store.unavailable") throw error
      items.push({ runId, ok: false, text: error.message, tasks: 0, undoId: null })
    }
  }
  return { action: request.action, items, text: summary(request, items), dryRun: request.dryRun }
}

function inOrder(runIds: readonly RunId[]): RunId[] {
  return [...new Set(runIds)].sort((one, other) => Number(BigInt(one) - BigInt(other)))
}

async function act(
  store: Store,
  runId: RunId,
  { action, version, dryRun, actor }: BulkRequest,
): Promise<{ text: string; tasks: number; undoId?: string | undefined }> {
  const about = { runId, dryRun, actor }
  switch (action) {
    case "retry": {
      const effect = await clearRun(store, { ...about, taskIds: [], includeDownstream: true, version })
      return { text: effect.text, tasks: effect.taskIds.length }
    }
    case "cancel": {
      const effect = await previewCancel(store, runId)
      if (!dryRun) await cancelRun(store, { runId, actor })
      return { text: effect.text, tasks: effect.taskIds.length }
    }
    case "repin": {
      const effect = await moveRunToNewest(store, about)
      return { text: effect.text, tasks: effect.taskIds.length }
    }
    case "mark_success":
    case "mark_failed": {
      const state = action === "mark_success" ? "success" : "failed"
      const effect = await markRun(store, { ...about, state, taskIds: [], includeDownstream: false })
      return { text: effect.text, tasks: effect.taskIds.length, undoId: effect.undoId }
    }
    default:
      return assertNever(action)
  }
}

const VERBS = {
  retry: ["Runs", "of", "again"],
  cancel: ["Stops", "of", ""],
  repin: ["Runs", "that the newest version adds to", ""],
  mark_success: ["Marks", "of", "as success"],
  mark_failed: ["Marks", "of", "as failed"],
} as const satisfies Record<BulkAction, readonly [string, string, string]>

function summary({ action }: BulkRequest, items: BulkResult["items"]): string {
  const done = items.filter((item) => item.ok)
  const tasks = done.reduce((sum, item) => sum + item.tasks, 0)
  const [verb, of, rest] = VERBS[action]
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`
  const left = items.length - done.length
  const except = left > 0 ? ` ${count(left, "run")} cannot be changed so.` : ""
  if (done.length === 0) return `None of ${count(items.length, "run")} can be changed so.`
  return `${[verb, count(tasks, "task"), of, count(done.length, "run"), rest].filter(Boolean).join(" ")}.${except}`
}
