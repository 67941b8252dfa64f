import type { PgBoss } from "pg-boss"
import { decideAdmission, type LimitState } from "../domain/admission.ts"
import type { TaskRunId } from "../domain/ids.ts"
import {
  dropSlots,
  type LimitedTaskRun,
  lockLimits,
  readLimitsOfWaiting,
  takeSlots,
  takeWaiting,
  writeWaiting,
} from "../store/limits.ts"
import { insertTickets, type ReadyTaskRun } from "../store/queue.ts"
import type { LastStep, Transaction } from "../store/transaction.ts"

type Request = { boss: PgBoss } & ({ taskRun: ReadyTaskRun } | { freed: string })

/**
 * Admission, at the end of the transaction that made task runs ready or slots free: limits are locked last. Task runs
 * without limits get their tickets at once, and cost nothing else.
 */
const ADMIT: LastStep<Request> = {
  rank: 50,
  async run(transaction, requests) {
    const ready = requests.flatMap((request) => ("taskRun" in request ? [request.taskRun] : []))
    const freed = requests.flatMap((request) => ("freed" in request ? [request.freed] : []))
    const limited = ready.filter(isLimited)
    const tickets = ready.filter((taskRun) => !isLimited(taskRun))
    if (limited.length > 0 || freed.length > 0) tickets.push(...(await admitLimited(transaction, limited, freed)))
    await insertTickets(requests[0]!.boss, transaction, tickets)
  },
}

/**
 * Lets task runs that have just become ready go to the workers, or wait for slots of the limits they are subject to, when
 * the transaction that made them ready ends.
 */
export async function admitTaskRuns(
  transaction: Transaction,
  boss: PgBoss,
  taskRuns: readonly ReadyTaskRun[],
): Promise<void> {
  transaction.atEnd(
    ADMIT,
    taskRuns.map((taskRun) => ({ boss, taskRun })),
  )
}

/**
 * Frees the slots of task runs that leave ready or running, and lets those who wait for them go. Every way an attempt can
 * end passes here, and so does what is cancelled or marked while it is ready.
 */
export async function releaseSlots(
  transaction: Transaction,
  boss: PgBoss,
  taskRuns: readonly { id: TaskRunId; limits: unknown }[],
): Promise<void> {
  const limited = taskRuns.filter((taskRun) => taskRun.limits !== null).map((taskRun) => taskRun.id)
  if (limited.length === 0) return
  await admitWaiting(transaction, boss, await dropSlots(transaction, limited))
}

/** Lets those who wait for these limits go as far as there is room, when the transaction ends. */
export async function admitWaiting(transaction: Transaction, boss: PgBoss, limitIds: readonly string[]): Promise<void> {
  transaction.atEnd(
    ADMIT,
    limitIds.map((freed) => ({ boss, freed })),
  )
}

function isLimited(taskRun: ReadyTaskRun): taskRun is LimitedTaskRun {
  return taskRun.limits !== null
}

/** Who waits at a limit is looked at so many at a time; more than fit are rarely needed. */
const LOOK_AHEAD = 100
/** Rounds of one transaction; what is left then is found by the sweep. */
const MAX_ROUNDS = 50

/**
 * Decides about new task runs together with those who wait, and writes who waits for what. Gives those who go. Which limits
 * are concerned is known for sure only once they are locked, and then it is too late to lock further ones, as locks are
 * taken in the order of their ids: where a task run came to wait that is subject to another one, all is undone and begun anew
 * with that one.
 */
async function admitLimited(
  transaction: Transaction,
  fresh: readonly LimitedTaskRun[],
  freed: readonly string[],
): Promise<LimitedTaskRun[]> {
  const asked = new Set([...freed, ...fresh.flatMap((taskRun) => taskRun.limits.map(({ id }) => id))])
  const touched = new Set([...asked, ...(await readLimitsOfWaiting(transaction, [...asked], LOOK_AHEAD))])
  for (;;) {
    await transaction.query("savepoint admission")
    const result = await admitUnder(transaction, { fresh, asked, touched })
    if (result.kind === "decided") return result.admitted
    // Lets go of the locks as well.
    await transaction.query("rollback to savepoint admission")
    for (const id of result.limitIds) touched.add(id)
  }
}

interface Admission {
  fresh: readonly LimitedTaskRun[]
  /** Limits of the fresh, and those that have room now. */
  asked: ReadonlySet<string>
  /** All that are locked. */
  touched: ReadonlySet<string>
}

type AdmissionResult = { kind: "decided"; admitted: LimitedTaskRun[] } | { kind: "unforeseen"; limitIds: string[] }

async function admitUnder(transaction: Transaction, { fresh, asked, touched }: Admission): Promise<AdmissionResult> {
  const limits = await lockLimits(transaction, [...touched])
  const admitted: LimitedTaskRun[] = []
  for (let round = 0, coming = fresh; round < MAX_ROUNDS; round++, coming = []) {
    const looked = lookAhead(limits)
    const next = await takeWaiting(transaction, looked)
    const isForeseen = (taskRun: LimitedTaskRun) => taskRun.limits.every(({ id }) => touched.has(id))
    const unforeseen = next.filter((taskRun) => asked.has(taskRun.waitingFor) && !isForeseen(taskRun))
    if (unforeseen.length > 0) {
      return { kind: "unforeseen", limitIds: unforeseen.flatMap(({ limits }) => limits.map(({ id }) => id)) }
    }
    // Those left out wait at limits of which nothing is freed here.
    const waiting = next.filter(isForeseen)
    const before = new Map(waiting.map((taskRun) => [taskRun.id, taskRun.waitingFor]))
    const decision = decideAdmission([...coming, ...waiting], limits)
    await takeSlots(
      transaction,
      decision.admitted.flatMap(({ candidate, slots }) => slots.map((share) => ({ taskRunId: candidate.id, share }))),
    )
    const moved = decision.waiting.filter(({ candidate, waitingFor }) => before.get(candidate.id) !== waitingFor)
    const gone = decision.admitted.filter(({ candidate }) => before.has(candidate.id))
    await writeWaiting(transaction, [
      ...moved.map(({ candidate, waitingFor }) => ({
        taskRunId: candidate.id,
        waitingFor,
        reason: reasonOf(waitingFor),
      })),
      ...gone.map(({ candidate }) => ({ taskRunId: candidate.id, waitingFor: null, reason: null })),
    ])
    for (const { candidate, slots } of decision.admitted) {
      admitted.push(candidate)
      for (const { id, slots: taken } of slots) limits.get(id)!.used += taken
    }
    const isFull = [...looked].some(([id, count]) => waiting.filter((row) => row.waitingFor === id).length >= count)
    // Who was admitted or moved on makes way for the next at that limit.
    if (!isFull || (gone.length === 0 && moved.every(({ candidate }) => !before.has(candidate.id)))) break
  }
  return { kind: "decided", admitted }
}

/** How many of those who wait to look at: as many as might fit, and one to be passed by nobody. */
function lookAhead(limits: ReadonlyMap<string, LimitState>): Map<string, number> {
  return new Map(
    [...limits].map(([id, { capacity, used }]) => {
      const free = capacity === null ? LOOK_AHEAD : capacity - used
      return [id, Math.min(LOOK_AHEAD, Math.max(0, free) + 1)]
    }),
  )
}

function reasonOf(limitId: string): string {
  const [kind, ...name] = limitId.split("/")
  return `Waits for a slot of ${kind} ${name.join("/")}.`
}
