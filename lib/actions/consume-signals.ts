import type { AlertRule } from "../domain/alert-rule.ts"
import { readActiveRules } from "../store/alert-rules.ts"
import type { Store } from "../store/client.ts"
import { isStoreAway } from "../store/is-store-away.ts"
import { readEndedRun } from "../store/run-troubles.ts"
import { lockSignals, refuseSignal, type Signal, takeSignals } from "../store/signals.ts"
import { inTransaction, type Transaction } from "../store/transaction.ts"
import { judgeRunEnd } from "./judge-run-end.ts"

const BATCH = 200

/**
 * Makes incidents of what waits in the outbox of signals, each in the transaction that takes it out: a worker that dies in
 * between leaves the signal for the next. Of any number of workers one at a time does this; the others have nothing to do.
 * A signal that cannot be made anything of is set aside, and `report` is told.
 */
export async function consumeSignals(
  store: Store,
  report: (error: unknown) => void = () => undefined,
): Promise<{ consumed: number }> {
  let consumed = 0
  for (let limit = BATCH; ; ) {
    try {
      const taken = await inTransaction(store.pool, (transaction) => consume(transaction, limit))
      consumed += taken
      if (taken < limit) return { consumed }
      limit = BATCH
    } catch (error) {
      if (isPassing(error)) throw error
      // Found by smaller and smaller batches, then set aside: one bad signal must not hold up the others.
      if (limit === 1) {
        report(error)
        await refuseSignal(store.pool, String(error).slice(0, 500))
      }
      limit = Math.max(1, Math.floor(limit / 10))
    }
  }
}

/** Lock and statement time-outs, deadlocks, serialization failures: nothing is wrong with the signal. */
const PASSING = new Set(["40001", "40P01", "55P03", "57014", "25P03"])

function isPassing(error: unknown): boolean {
  return isStoreAway(error) || PASSING.has(String((error as { code?: unknown }).code))
}

async function consume(transaction: Transaction, limit: number): Promise<number> {
  if (!(await lockSignals(transaction))) return 0
  const signals = await takeSignals(transaction, limit)
  if (signals.length === 0) return 0
  const rules = await readActiveRules(transaction)
  for (const signal of signals) await judge(transaction, signal, rules)
  return signals.length
}

async function judge(transaction: Transaction, signal: Signal, rules: readonly AlertRule[]): Promise<void> {
  if (signal.kind !== "run" || signal.runId === null) return
  const run = await readEndedRun(transaction, signal.runId)
  if (run) await judgeRunEnd(transaction, run, rules)
}
