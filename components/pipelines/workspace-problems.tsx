import type { WorkspaceProblem } from "#lib/contracts/manifest.ts"
import { plural } from "../format/count.ts"
import { StateIcon } from "../ui/icon.tsx"

const SHOWN = 5

/** What is wrong in the workspace: where, and what to do; the first five, the rest on request. */
export function WorkspaceProblems({ problems }: { problems: readonly WorkspaceProblem[] }) {
  if (problems.length === 0) return null
  return (
    <section
      aria-label="Workspace problems"
      data-s="at_risk"
      className="mx-6 mb-3 flex-none overflow-hidden rounded-3 border border-line bg-cb max-sm:mx-4"
    >
      <h2 className="flex items-center gap-2 px-4 pt-2.5 text-ct">
        <StateIcon name="at_risk" />
        {problems.length === 1 ? "1 problem" : `${problems.length} problems`} in the workspace
        <span className="font-body text-t2">Pipelines in other files are not affected.</span>
      </h2>
      <ul className="px-4 pt-1 pb-2.5">
        {problems.slice(0, SHOWN).map((problem) => (
          <Problem key={`${problem.file} ${problem.line} ${problem.message}`} problem={problem} />
        ))}
      </ul>
      {problems.length > SHOWN && (
        <details className="px-4 pb-2.5">
          <summary className="cursor-pointer font-med text-accent-t">
            {plural(problems.length - SHOWN, "more problem")}
          </summary>
          <ul>
            {problems.slice(SHOWN).map((problem) => (
              <Problem key={`${problem.file} ${problem.line} ${problem.message}`} problem={problem} />
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}

function Problem({ problem }: { problem: WorkspaceProblem }) {
  return (
    <li className="flex items-baseline gap-x-3 py-0.5 max-md:flex-col">
      <code className="flex-none select-all text-t1">{placeOf(problem)}</code>
      <span className="min-w-0 break-words text-t1">{problem.message}</span>
    </li>
  )
}

/** `file:line:column`, as editors and terminals take it. */
function placeOf(problem: WorkspaceProblem): string {
  return [problem.file, problem.line, problem.line === null ? null : problem.column]
    .filter((part) => part !== null)
    .join(":")
}
