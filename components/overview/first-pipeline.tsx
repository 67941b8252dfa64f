import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { WorkspaceProblems } from "../pipelines/workspace-problems.tsx"
import { EmptyState } from "../ui/empty-state.tsx"
import { PageHeader } from "../ui/page-header.tsx"

const EXAMPLE = `import { pipeline, sql } from "headrace"

export default pipeline(
  { id: "hello", schedule: "0 5 * * *" },
  ({ task }) => {
    task("build", sql({ text: "create table if not exists hello as select 1 as one" }))
  },
)`

/** What stands where pipelines would: what keeps those that are there from loading, and how to write the first one. */
export function FirstPipeline({
  title = "Welcome to Headrace",
  problems,
}: {
  title?: string
  problems: readonly WorkspaceProblem[]
}) {
  return (
    <div>
      <PageHeader title={title} />
      <WorkspaceProblems problems={problems} />
      <EmptyState title="Write the first pipeline">
        <p>
          A pipeline is a TypeScript file in the workspace. Save this as <code>workspace/pipelines/hello.ts</code>; it
          appears here within seconds, and so does what is wrong with it.
        </p>
        <pre className="mt-3 overflow-x-auto rounded-2 border border-line bg-canvas p-3 text-t1">{EXAMPLE}</pre>
        <p className="mt-3">
          Another folder: start with <code>HEADRACE_WORKSPACE=/path/to/project</code>.
        </p>
      </EmptyState>
    </div>
  )
}
