import { callPipeline, type PipelineCall } from "#lib/actions/call-pipeline.ts"
import type { Resume } from "#lib/contracts/wait.ts"
import type { RunId, TaskRunId } from "#lib/domain/ids.ts"
import { findLoad, type Load } from "#lib/store/awaited.ts"
import type { Store } from "#lib/store/client.ts"
import { type NewDeferral, readResume, registerDeferral } from "#lib/store/deferrals.ts"
import { type CalledRun, readCalledRun } from "#lib/store/run-calls.ts"

/** What operators that wait may ask of Headrace itself. */
export interface WaitServices {
  readResume(taskRunId: TaskRunId): Promise<Resume | null>
  /** Makes a callback's token known while the attempt still runs. False: the attempt was superseded. */
  register(deferral: NewDeferral): Promise<boolean>
  findLoad(wanted: Load & { since: string | null }): ReturnType<typeof findLoad>
  callPipeline(call: PipelineCall): Promise<{ runId: RunId; created: boolean }>
  readRun(runId: RunId): Promise<CalledRun | null>
  /** Address of a page of the console, or of the API, as other people and systems reach it. */
  urlOf(path: string): string
}

export function createWaitServices(store: Store, publicUrl: string): WaitServices {
  return {
    readResume: (taskRunId) => readResume(store.pool, taskRunId),
    register: (deferral) => registerDeferral(store.pool, deferral),
    findLoad: (wanted) => findLoad(store.pool, wanted),
    callPipeline: (call) => callPipeline(store, call),
    readRun: (runId) => readCalledRun(store.pool, runId),
    urlOf: (path) => publicUrl + path,
  }
}
