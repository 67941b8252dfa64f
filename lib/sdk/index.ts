/**
 * The authoring API: what `import … from "headrace"` gives. The only barrel in the code base, because it is a package's
 * public face.
 */
export { z } from "zod"
export {
  acceptedValues,
  between,
  expectation,
  freshness,
  matches,
  notNull,
  rowCount,
  unique,
} from "./check-builders.ts"
export type { AfterHook, BeforeHook, RunInfo, TaskContext, TaskLogger } from "./context.ts"
export type { DeadlineOption } from "./deadline-options.ts"
export type { GroupHandle, MappedTaskHandle, TaskHandle } from "./handles.ts"
export {
  approval,
  branch,
  checks,
  extract,
  fn,
  fnSensor,
  http,
  httpSensor,
  loadCsv,
  noop,
  notify,
  partitionLoad,
  runPipeline,
  shell,
  shortCircuit,
  sql,
  sqlSensor,
  waitForCallback,
  waitForDataset,
  waitUntil,
} from "./operator-builders.ts"
export { type PipelineBuilder, pipeline } from "./pipeline.ts"
export type { Dependency, MapOptions, PipelineOptions, TaskDefaults, TaskOptions } from "./pipeline-options.ts"
export { cross, type MappedRefTo, type Ref, type RefTo } from "./ref.ts"
export type { RetryRule, RetryRules } from "./retry-options.ts"
export { TaskError, type TaskErrorOptions } from "./task-error.ts"
export type { Row, Work } from "./work.ts"
