"use client"
import { useQuery } from "@tanstack/react-query"
import { parseAsString, useQueryStates } from "nuqs"
import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { GraphPane, RunProgress } from "../dag/graph-pane.tsx"
import { adviceFor } from "../queries/client.ts"
import { versionDetailQuery } from "../queries/pipelines.ts"
import { runDetailQuery } from "../queries/runs.ts"
import { logHref } from "../run/log-href.ts"
import { useRunActions } from "../run/run-actions.tsx"
import { TaskPanel } from "../run/task-panel.tsx"
import { Button } from "../ui/button.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"
import { NoDefinition } from "./no-definition.tsx"
import { RunPicker } from "./run-picker.tsx"

const ADDRESS = { run: parseAsString, task: parseAsString }

/** The graph with the states of the latest run, or of the one in the address; a task's panel beside it. */
export function GraphTab({
  pipeline,
  latestId,
  onRun,
}: {
  pipeline: PipelineDetail
  latestId: string | null
  onRun: () => void
}) {
  const [address, setAddress] = useQueryStates(ADDRESS)
  const runId = address.run ?? latestId
  const run = useQuery({ ...runDetailQuery(runId ?? ""), enabled: runId !== null })
  const isOtherVersion = run.data !== undefined && run.data.versionHash !== pipeline.versionHash
  const other = useQuery({
    ...versionDetailQuery(pipeline.id, run.data?.version ?? 0),
    // A picked run is seen with the tasks it had; the latest one with those the next will have.
    enabled: isOtherVersion && address.run !== null,
  })
  const { ask, dialog } = useRunActions(run.data ?? null)
  const manifest = (address.run !== null && isOtherVersion ? other.data?.manifest : pipeline.manifest) ?? null
  const hash = (address.run !== null && isOtherVersion ? other.data?.hash : pipeline.versionHash) ?? ""
  const taskId = address.task || null
  if (run.error && address.run !== null) {
    return (
      <ErrorState
        title={`Run ${address.run} could not be read`}
        message={adviceFor(run.error)}
        onRetry={() => void setAddress({ run: null })}
      />
    )
  }
  if (!manifest)
    return other.isFetching ? <SkeletonRows label="Reading the version" /> : <NoDefinition pipeline={pipeline} />
  if (manifest.tasks.length === 0) return <EmptyState title="This pipeline has no tasks yet." />
  const runOfLog = run.data?.id ?? null
  const select = (task: string | null) => void setAddress({ task })
  return (
    <div className="flex min-h-0 min-w-0 flex-1">
      <GraphPane
        key={hash}
        manifest={manifest}
        versionHash={hash}
        run={run.data ?? null}
        mediansMs={pipeline.taskMediansMs}
        selected={taskId}
        onSelect={select}
        picker={
          <span className="flex min-w-0 items-center gap-1">
            {run.data ? <RunProgress run={run.data} /> : <NotRun isReading={runId !== null} onRun={onRun} />}
            {pipeline.recentRuns.length > 0 && (
              <RunPicker
                runs={pipeline.recentRuns}
                picked={address.run}
                onPick={(next) => void setAddress({ run: next })}
              />
            )}
          </span>
        }
      />
      {taskId !== null && (
        <TaskPanel
          key={taskId}
          manifest={manifest}
          taskId={taskId}
          run={run.data ?? null}
          mediansMs={pipeline.taskMediansMs}
          {...(runOfLog === null
            ? {}
            : { logHref: (attempt) => logHref({ runId: runOfLog, taskId, mapIndex: null, attempt: attempt.number }) })}
          onAsk={ask}
          onClose={() => select(null)}
        />
      )}
      {dialog}
    </div>
  )
}

function NotRun({ isReading, onRun }: { isReading: boolean; onRun: () => void }) {
  if (isReading) return <span className="text-t3">Reading the run</span>
  return (
    <>
      <span className="text-t2">It has not run yet.</span>
      <Button size="sm" onClick={onRun}>
        Run now
      </Button>
    </>
  )
}
