import type { PgBoss } from "pg-boss"
import { insertTickets, type ReadyTaskRun } from "../store/queue.ts"
import type { LastStep, Transaction } from "../store/transaction.ts"

interface Candidate extends ReadyTaskRun {
  boss: PgBoss
}

const ADMIT: LastStep<Candidate> = {
  rank: 50,
  async run(transaction, candidates) {
    await insertTickets(candidates[0]!.boss, transaction, candidates)
  },
}

/**
 * Lets task runs that have just become ready go to the workers, when the transaction that made them ready ends: all of them
 * together, with one statement.
 */
export async function admitTaskRuns(
  transaction: Transaction,
  boss: PgBoss,
  taskRuns: readonly ReadyTaskRun[],
): Promise<void> {
  transaction.atEnd(
    ADMIT,
    taskRuns.map(({ id, priority }) => ({ id, priority, boss })),
  )
}
