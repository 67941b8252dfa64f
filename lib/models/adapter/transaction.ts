import type { StatementAnswer, SyncDatabase } from "./database.ts"

/**
 * A session of which is known whether a transaction is open, as dbt's connections are: who runs a statement says whether one
 * shall be begun for it, and materializations commit.
 */
export class TransactionalDatabase implements SyncDatabase {
  private readonly inner: SyncDatabase
  private isOpen = false
  /** True: whoever lends the session has begun the transaction and will end it, so that it carries more than the node's work. */
  isManaged = false

  constructor(inner: SyncDatabase) {
    this.inner = inner
  }

  get isInTransaction(): boolean {
    return this.isOpen
  }

  run(sql: string): readonly StatementAnswer[] {
    return this.inner.run(sql)
  }

  copyIn(sql: string, rows: string): void {
    this.inner.copyIn(sql, rows)
  }

  /** Begins a transaction unless one is open. */
  begin(): void {
    if (this.isOpen) return
    if (!this.isManaged) this.inner.run("begin")
    this.isOpen = true
  }

  /** Commits what is open. */
  commit(): void {
    if (!this.isOpen) return
    this.isOpen = false
    if (!this.isManaged) this.inner.run("commit")
  }

  /** Gives up what is open. */
  rollback(): void {
    if (!this.isOpen) return
    this.isOpen = false
    if (!this.isManaged) this.inner.run("rollback")
  }
}
