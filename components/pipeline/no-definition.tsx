import type { PipelineDetail } from "#lib/contracts/api/pipelines.ts"
import { EmptyState } from "../ui/empty-state.tsx"

/** Says why there is neither graph nor code: what is wrong in the workspace, or that the pipeline is gone from it. */
export function NoDefinition({ pipeline }: { pipeline: PipelineDetail }) {
  return (
    <EmptyState title="There is no definition to show">
      {pipeline.problems[0]?.message ?? `${pipeline.id} is gone from the workspace; its runs are kept.`}
    </EmptyState>
  )
}
