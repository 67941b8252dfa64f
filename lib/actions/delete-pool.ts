import { AppError } from "../domain/errors.ts"
import { limitId } from "../domain/task-plan.ts"
import type { Store } from "../store/client.ts"
import { recordEvent } from "../store/events.ts"
import { deletePoolRow, lockLimits, readPipelinesOfPool } from "../store/limits.ts"
import { inTransaction } from "../store/transaction.ts"

/**
 * Deletes a pool that no pipeline names and no task uses or waits for.
 * @throws AppError `pool.not_found`, `pool.in_use`.
 */
export async function deletePool(store: Store, request: { name: string; actor: string }): Promise<void> {
  const { name, actor } = request
  await inTransaction(store.pool, async (transaction) => {
    const locked = await lockLimits(transaction, [limitId.pool(name)])
    if (locked.size === 0) throw new AppError("pool.not_found", `There is no pool ${name}; see the list of pools.`)
    const pipelines = await readPipelinesOfPool(transaction, name)
    if (pipelines.length > 0) {
      const names = pipelines.join(", ")
      throw new AppError("pool.in_use", `Pool ${name} is named by ${names}; take it out of their tasks first.`)
    }
    if (!(await deletePoolRow(transaction, name))) {
      throw new AppError("pool.in_use", `Tasks run in pool ${name} or wait for it; delete it when they have ended.`)
    }
    await recordEvent(transaction, { type: "pool.delete", actor, data: { name } })
  })
}
