import type { AdapterResponse } from "../adapter/adapter-response.ts"
import type { TransactionalDatabase } from "../adapter/transaction.ts"
import type { Kwargs, Value } from "../jinja/values.ts"
import type { Relation } from "../relation/relation.ts"

/** What a materialization builds, and with what. One node, one session with the warehouse. */
export interface MaterializeSession {
  readonly name: string
  /** `this`: what is to be there in the end. */
  readonly target: Relation
  /** The rendered query. */
  readonly sql: string
  readonly database: TransactionalDatabase
  readonly isFullRefresh: boolean
  /** Of a microbatch model: the batch. */
  readonly eventTime: { start: string; end: string } | undefined
  /** What `config.get(name)` gives to templates; null where it is not set. */
  config(name: string): Value
  /** Calls a macro by its bare name, so that a project's own takes the place of the built-in one. */
  callMacro(name: string, args: readonly Value[], kwargs?: Kwargs): Value
  hasMacro(name: string): boolean
  /** Whether hooks of the config run in its transaction, behind the work. */
  readonly hasPostHooks: boolean
  /** Whether a project defines what is else built in. */
  isOverridden(name: string): boolean
  /** Runs the statement that does the work; its answer is the node's. The compiled query's errors are marked within it. */
  runMain(sql: string): AdapterResponse
  runHooks(when: "pre" | "post", isInTransaction: boolean): void
  /** `model`, as templates see it. */
  readonly model: Value
  /** `config` as templates see it. */
  readonly modelConfig: Value
  warn(message: string): void
}

/** Whether the transaction is done with once the work is: nothing is granted, described or hooked behind it. */
export function endsWithWork(session: MaterializeSession): boolean {
  return !session.hasPostHooks && session.config("grants") === null && !describes(session)
}

/** Whether comments are written on what is built. */
export function describes(session: MaterializeSession): boolean {
  return session.config("persist_docs") !== null || session.isOverridden("persist_docs")
}

/** What was built. */
export interface Materialized {
  relations: Relation[]
  response: AdapterResponse
}

export type Materialization = (session: MaterializeSession) => Materialized
