"use client"
import { useRouter } from "next/navigation"
import type { PipelineSummary } from "#lib/contracts/api/pipelines.ts"
import { useSetPaused } from "../queries/pipelines.ts"
import { useCreateRun } from "../queries/runs.ts"
import { Button } from "../ui/button.tsx"
import { toast } from "../ui/toast.tsx"

/** Run now, and pause or resume; each says in its title what it will do. */
export function PipelineActions({ pipeline }: { pipeline: PipelineSummary }) {
  const router = useRouter()
  const createRun = useCreateRun()
  const setPaused = useSetPaused()
  const start = () =>
    createRun.mutate(
      { pipelineId: pipeline.id },
      {
        onSuccess: (run) =>
          toast.success(`Run ${run.id} of ${pipeline.id} is queued.`, {
            action: { label: "Open", onClick: () => router.push(`/runs/${run.id}`) },
          }),
      },
    )
  return (
    <span className="inline-flex gap-1.5">
      {pipeline.schedule && pipeline.isDefined && (
        <Button
          size="sm"
          icon={pipeline.isPaused ? "play" : "pause"}
          variant="ghost"
          aria-label={`${pipeline.isPaused ? "Resume" : "Pause"} ${pipeline.id}`}
          title={pipeline.isPaused ? "Resume: scheduled runs start again" : "Pause: no scheduled run starts"}
          disabled={setPaused.isPending}
          onClick={() => setPaused.mutate({ id: pipeline.id, isPaused: !pipeline.isPaused })}
        />
      )}
      <Button
        size="sm"
        icon="play"
        aria-label={`Run now: ${pipeline.id}`}
        title={
          pipeline.isDefined ? `Starts ${pipeline.tasksTotal} tasks` : "It is gone from the workspace, so it cannot run"
        }
        disabled={createRun.isPending || !pipeline.isDefined}
        onClick={start}
      >
        Run now
      </Button>
    </span>
  )
}
