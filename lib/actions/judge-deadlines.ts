import { deadlinesOf } from "../contracts/manifest-deadlines.ts"
import { deadlineMetAt, followsSchedule, missedText } from "../domain/deadline.ts"
import type { VersionId } from "../domain/ids.ts"
import type { Store } from "../store/client.ts"
import {
  type Judgement,
  linkDeadlines,
  lockDueDeadlines,
  lockMissedDeadlines,
  type OpenDeadline,
  writeJudgements,
} from "../store/deadlines.ts"
import { type EventRecord, recordEvents } from "../store/events.ts"
import { announce } from "../store/notify.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { readVersion } from "../store/versions.ts"

const BATCH = 100

/**
 * Judges the deadlines that are due at `now`: met, or missed, which is said once: the row is judged under its lock by
 * whichever scheduler comes first, in the transaction that writes the event and puts the alert up for delivery. One that is
 * judged late, after an outage, is judged by when things were done, not by when it was looked at.
 */
export async function judgeDeadlines(store: Store, now: Date): Promise<{ missed: number }> {
  let missed = 0
  for (;;) {
    const judged = await inTransaction(store.pool, async (transaction) => {
      const due = await lockDueDeadlines(transaction, now, BATCH)
      const judgements: Judged[] = []
      for (const deadline of due) judgements.push(await judge(transaction, deadline))
      await write(transaction, due, judgements)
      return judgements
    })
    missed += judged.filter((judgement) => judgement.isMissed).length
    if (judged.length < BATCH) return { missed }
  }
}

/** Notes which of the missed deadlines of the last week were kept after all, and which runs came for ticks that had none. */
export async function completeLateDeadlines(store: Store): Promise<void> {
  for (let after = "0"; ; ) {
    const last = await inTransaction(store.pool, async (transaction) => {
      const open = await lockMissedDeadlines(transaction, after, BATCH)
      const completed = open.flatMap((deadline) => {
        const metAt = deadlineMetAt(deadline.rule, deadline.subject)
        const { id, runId } = deadline
        return metAt ? [{ id, runId, state: "late" as const, message: null, completedAt: metAt }] : []
      })
      await linkDeadlines(
        transaction,
        open.flatMap(({ id, runId, isUnlinked }) => (isUnlinked && runId !== null ? [{ id, runId }] : [])),
      )
      await write(transaction, open, completed)
      return open.length < BATCH ? null : open.at(-1)!.id
    })
    if (last === null) return
    after = last
  }
}

/** `isMissed`: it is missed by this, which is said; else it had been before, or was not. */
type Judged = Judgement & { isMissed?: true }

async function judge(transaction: Transaction, deadline: OpenDeadline): Promise<Judged> {
  const { id, runId, rule, subject } = deadline
  const metAt = deadlineMetAt(rule, subject)
  if (metAt !== null && metAt <= deadline.dueAt) return { id, runId, state: "met", message: null, completedAt: null }
  if (await isGone(transaction, deadline)) return { id, runId, state: "dropped", message: null, completedAt: null }
  const message = missedText(rule, deadline)
  return { id, runId, state: metAt === null ? "missed" : "late", message, completedAt: metAt, isMissed: true }
}

/** A tick's deadline holds as long as the pipeline's definition has it; a run's holds as its version says. */
async function isGone(transaction: Transaction, deadline: OpenDeadline): Promise<boolean> {
  if (!followsSchedule(deadline.rule)) return false
  if (deadline.versionId === null) return true
  const { manifest } = await readVersion(transaction, deadline.versionId as VersionId)
  return !deadlinesOf(manifest).ticks.some((one) => one.key === deadline.key)
}

async function write(
  transaction: Transaction,
  deadlines: readonly OpenDeadline[],
  judgements: readonly Judged[],
): Promise<void> {
  if (judgements.length === 0) return
  await writeJudgements(transaction, judgements)
  const byId = new Map(deadlines.map((deadline) => [deadline.id, deadline]))
  const said = judgements.flatMap((judgement) => {
    const deadline = byId.get(judgement.id)!
    if (judgement.isMissed) return [{ deadline, type: "deadline.missed", message: judgement.message }]
    return judgement.state === "late" ? [{ deadline, type: "deadline.completed", message: null }] : []
  })
  await recordEvents(
    transaction,
    said.map(
      ({ deadline, type, message }): EventRecord => ({
        type,
        pipelineId: deadline.pipelineId,
        runId: deadline.runId,
        data: { key: deadline.key, taskId: deadline.taskId, message, dueAt: deadline.dueAt.toISOString() },
      }),
    ),
  )
  await announce(
    transaction,
    said.map(({ deadline }) => ({ type: "deadline", pipelineId: deadline.pipelineId, runId: deadline.runId })),
  )
}
