import type { OperatorContext } from "#jobs/operators/operator.ts"
import type { Manifest, ManifestTask } from "#lib/contracts/manifest.ts"
import type { AttemptId, RunId, TaskRunId } from "#lib/domain/ids.ts"
import { splitPartitionKey } from "#lib/domain/partition-scheme.ts"
import { type Connections, createConnections } from "#lib/server/connections.ts"
import { NO_POLICIES } from "#lib/server/quality/table-policies.ts"

/** Log lines a task wrote, by the context's `log`. */
export type LogLines = { level: string; message: string }[]

let lastAttempt = 0

type Given<Options> = { options: Options } & Partial<Omit<OperatorContext<Options>, "options" | "run" | "task">> & {
    run?: Partial<OperatorContext<Options>["run"]>
    task?: Partial<ManifestTask>
    lines?: LogLines
  }

/**
 * The context of one attempt, as the executor would make it: a new attempt and a new execution each time, unless given.
 */
export function makeOperatorContext<Options>(given: Given<Options>): OperatorContext<Options> {
  lastAttempt++
  const { run, task, lines, ...rest } = given
  const attemptId = String(lastAttempt)
  return {
    attemptId: attemptId as AttemptId,
    attemptNumber: 1,
    taskRunId: attemptId as TaskRunId,
    generation: 0,
    resume: null,
    waits: undefined as never,
    executionKey: `1:${attemptId}:0`,
    run: {
      runId: "1" as RunId,
      pipelineId: "demo",
      kind: "manual",
      logicalAt: "2026-03-02T00:00:00.000Z",
      intervalStart: "2026-03-01T00:00:00.000Z",
      intervalEnd: "2026-03-02T00:00:00.000Z",
      partitionKey: null,
      partitionKeys: run?.partitionKey ? [run.partitionKey] : [],
      partition: splitPartitionKey(run?.partitionKey ?? null),
      params: {},
      ...run,
    },
    manifest: { id: "demo", file: "pipelines/demo.ts" } as Manifest,
    task: { id: "load", memoryMb: 512, ...task } as ManifestTask,
    codeDir: "",
    workspaceDir: "",
    connections: connectionsTo({}),
    policies: NO_POLICIES,
    author: undefined as never,
    trace: null,
    readTasks: async () => [],
    log: (level, message) => lines?.push({ level, message }),
    signal: new AbortController().signal,
    ...rest,
  }
}

/** Connections as `HEADRACE_WAREHOUSE_URL`, `HEADRACE_CONNECTION_*` and so on would declare them. */
export function connectionsTo(given: {
  warehouse?: string
  connections?: Record<string, string>
  notify?: Record<string, string>
  variables?: Record<string, string>
}): Connections {
  return createConnections({
    warehouseUrl: given.warehouse ?? "postgresql://nowhere.invalid/warehouse",
    connectionUrls: given.connections ?? {},
    notifyUrls: given.notify ?? {},
    authorVariables: given.variables ?? {},
    workerSlots: 4,
  })
}
