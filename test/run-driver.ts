import { createHash } from "node:crypto"
import { claimTasks } from "#lib/actions/claim-tasks.ts"
import { finishAttempt, finishAttempts, type ReportedEnd } from "#lib/actions/finish-attempts.ts"
import type { AttemptOutcome } from "#lib/actions/plan-attempt-end.ts"
import { promoteRetries } from "#lib/actions/promote-retries.ts"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import { triggerRun } from "#lib/actions/trigger-run.ts"
import type { JsonObject } from "#lib/contracts/json.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import { type Failure, toFailure } from "#lib/domain/errors.ts"
import type { RunId, WorkerId } from "#lib/domain/ids.ts"
import type { Claim } from "#lib/store/attempts.ts"
import { openStore, type Store } from "#lib/store/client.ts"
import { forgetVersions } from "#lib/store/versions.ts"
import { createTestDatabase, type TestDatabase } from "./db.ts"
import { makeManifest } from "./factories.ts"

/**
 * Plays the worker's part on a real store: claims, ends attempts as the test says, and reads states back. For tests of
 * what happens to runs, without processes.
 */
export class RunDriver {
  readonly database: TestDatabase
  readonly store: Store
  readonly workerId = "driver" as WorkerId

  private constructor(database: TestDatabase, store: Store) {
    this.database = database
    this.store = store
  }

  static async open(): Promise<RunDriver> {
    forgetVersions()
    const database = await createTestDatabase()
    const store = await openStore({ databaseUrl: database.url, applicationName: "test", onError: () => undefined })
    return new RunDriver(database, store)
  }

  async close(): Promise<void> {
    await this.store.close()
    await this.database.drop()
  }

  /** Makes a pipeline with these tasks current, and retires all others. */
  async define(values: Parameters<typeof makeManifest>[0], now = new Date()): Promise<Manifest> {
    return (await this.defineAll([values], now))[0]!
  }

  /** Makes these pipelines current, and retires all others. */
  async defineAll(all: Parameters<typeof makeManifest>[0][], now = new Date()): Promise<Manifest[]> {
    const manifests = all.map(makeManifest)
    const pipelines = manifests.map((manifest) => ({
      manifest,
      files: {},
      hash: createHash("sha256").update(JSON.stringify(manifest)).digest("hex"),
    }))
    await saveWorkspace(this.store, { pipelines, problems: [] }, now)
    return manifests
  }

  async trigger(pipelineId: string, values: Partial<Parameters<typeof triggerRun>[1]> = {}): Promise<RunId> {
    const { runId } = await triggerRun(this.store, { pipelineId, kind: "manual", actor: "test", ...values })
    return runId
  }

  async claim(limit = 100): Promise<Claim[]> {
    // As a worker does: void tickets are used up without a claim, and more may wait behind them.
    for (;;) {
      const { claims, isEmpty } = await claimTasks(this.store, this.workerId, limit)
      if (claims.length > 0 || isEmpty) return claims
    }
  }

  /** Claims all that is ready and ends each as `outcomes` says (default: success), until nothing is ready. */
  async drive(outcomes: Record<string, "success" | "fail" | "skip"> = {}): Promise<string[]> {
    const order: string[] = []
    for (;;) {
      const claims = await this.claim()
      if (claims.length === 0) return order
      for (const claim of claims) {
        order.push(claim.taskId)
        await this.finish(claim, outcomeOf(outcomes[claim.taskId] ?? "success"))
      }
    }
  }

  finish(claim: Claim, outcome: AttemptOutcome = outcomeOf("success")) {
    return finishAttempt(this.store, claim, outcome, 0.5)
  }

  /** Ends several, of any runs, in one transaction. */
  finishAll(ends: readonly ReportedEnd[]) {
    return finishAttempts(this.store, ends, { random: () => 0.5 })
  }

  /** Makes ready what waits for its next try, whatever the delay. */
  async promote(): Promise<void> {
    await this.store.pool.query(
      "update task_run set next_attempt_at = now() - interval '1 second' where state = 'up_for_retry'",
    )
    await promoteRetries(this.store)
  }

  async runState(runId: RunId): Promise<{ state: string; unfinished: number; failedTaskId: string | null }> {
    const { rows } = await this.store.pool.query(
      `select state, unfinished, failed_task_id as "failedTaskId" from run where id = $1`,
      [runId],
    )
    return rows[0]
  }

  async taskStates(runId: RunId): Promise<Record<string, string>> {
    const { rows } = await this.store.pool.query<{ task_id: string; state: string }>(
      "select task_id, state from task_run where run_id = $1 and map_index = -1 order by position",
      [runId],
    )
    return Object.fromEntries(rows.map((row) => [row.task_id, row.state]))
  }
}

/** The end of a branch or short-circuit that skips these tasks. */
export function choiceOf(taskIds: string[]): AttemptOutcome {
  const skips = taskIds.length > 0 ? { taskIds, reason: "The branch went another way." } : null
  return { kind: "success", result: taskResultSchema.parse({ skips }) }
}

/** The end of a task that leaves these outputs behind. */
export function outputsOf(outputs: JsonObject): AttemptOutcome {
  return { kind: "success", result: taskResultSchema.parse({ outputs }) }
}

export function outcomeOf(kind: "success" | "fail" | "skip", failure: Partial<Failure> = {}): AttemptOutcome {
  const result = taskResultSchema.parse({})
  if (kind === "success") return { kind: "success", result }
  if (kind === "skip") return { kind: "skipped", result, reason: "not today" }
  return {
    kind: "failed",
    attemptState: "failed",
    failure: { ...toFailure(new Error("boom")), ...failure },
    exitCode: null,
    result: null,
  }
}
