import { SqlError, type StatementAnswer, type SyncDatabase } from "./database.ts"

/** What a text without a statement is answered with. */
const NOTHING: StatementAnswer = { tag: "", rowCount: null, fields: [], rows: [] }

interface Deferred {
  sql: string
  onAnswer: ((answer: StatementAnswer) => void) | undefined
}

/**
 * A session of which is known whether a transaction is open, as dbt's connections are: who runs a statement says whether one
 * shall be begun for it, and materializations commit. Statements that only open or close something travel with the next one, so
 * that they cost no round trip of their own.
 */
export class TransactionalDatabase implements SyncDatabase {
  private readonly inner: SyncDatabase
  private isOpen = false
  /** Statements that go before the next one. */
  private deferred: Deferred[] = []
  /** True: whoever lends the session has begun the transaction and will end it, so that it carries more than the node's work. */
  isManaged = false

  constructor(inner: SyncDatabase) {
    this.inner = inner
  }

  get isInTransaction(): boolean {
    return this.isOpen
  }

  run(sql: string): readonly StatementAnswer[] {
    const { deferred } = this
    if (deferred.length === 0) return this.inner.run(sql)
    this.deferred = []
    const before = deferred.map((each) => `${each.sql};\n`).join("")
    try {
      const answers = this.inner.run(before + sql)
      for (const [place, { onAnswer }] of deferred.entries()) onAnswer?.(answers[place]!)
      return answers.length === deferred.length ? [NOTHING] : answers.slice(deferred.length)
    } catch (error) {
      throw error instanceof SqlError ? withoutPrefix(error, before, sql) : error
    }
  }

  copyIn(sql: string, rows: string): void {
    if (this.deferred.length > 0) this.run("")
    this.inner.copyIn(sql, rows)
  }

  /** Runs a statement with the next one: one alone, of the kind that cannot fail, as `savepoint`. */
  defer(sql: string, onAnswer?: (answer: StatementAnswer) => void): void {
    this.deferred.push({ sql, onAnswer })
  }

  /** Begins a transaction unless one is open. */
  begin(): void {
    if (this.isOpen) return
    if (!this.isManaged) this.defer("begin")
    this.isOpen = true
  }

  /** Commits what is open. */
  commit(): void {
    this.runAndCommit("")
  }

  /** Runs statements and commits what is open, in one round trip. Where one of them fails, the transaction stays open. */
  runAndCommit(sql: string): void {
    const ends = this.isOpen && !this.isManaged
    const isUntouched = sql === "" && this.deferred.at(-1)?.sql === "begin"
    if (isUntouched) this.deferred = []
    else if (ends) this.run(sql === "" ? "commit" : `${sql};\ncommit`)
    else if (sql !== "") this.run(sql)
    this.isOpen = false
  }

  /** Gives up what is open. */
  rollback(): void {
    const hasBegun = this.deferred[0]?.sql !== "begin"
    this.deferred = []
    if (!this.isOpen) return
    this.isOpen = false
    if (!this.isManaged && hasBegun) this.inner.run("rollback")
  }
}

function withoutPrefix({ message, sqlState, hint, position }: SqlError, before: string, sql: string): SqlError {
  const place = position === null || position <= before.length ? null : position - before.length
  return new SqlError({ message, sqlState, hint, position: place }, sql)
}
