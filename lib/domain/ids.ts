/**
 * Branded identifiers, so that a run's id is never passed where an attempt's is wanted.
 * All numeric ids are bigint identities in Postgres and travel as decimal strings.
 */
declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

export type PipelineId = Brand<"PipelineId">
export type TaskId = Brand<"TaskId">
export type RunId = Brand<"RunId">
export type TaskRunId = Brand<"TaskRunId">
/** An attempt's id is its fence token: drawn from one sequence, so a later attempt always carries a larger one. */
export type AttemptId = Brand<"AttemptId">
export type WorkerId = Brand<"WorkerId">
export type VersionId = Brand<"VersionId">
