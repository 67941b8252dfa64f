import type { AfterHook, BeforeHook, TaskContext } from "./context.ts"

declare const outputsType: unique symbol

/** What a task does: an operator, its options (references included) and the author's functions it calls. */
export interface Work<Outputs = unknown> {
  operator: string
  options: Record<string, unknown>
  functions: AuthorFunctions
  readonly [outputsType]?: Outputs
}

export type Row = Record<string, unknown>

/** The author's functions of a task by the hook that calls them. */
export interface AuthorFunctions {
  main?: (ctx: TaskContext, inputs: never) => unknown
  before?: BeforeHook
  after?: AfterHook
  transform?: (rows: Row[], ctx: TaskContext) => Row[] | Promise<Row[]>
  validate?: (row: Row, ctx: TaskContext) => unknown
}
