"use client"
import { useMemo } from "react"
import type { VersionDetail } from "#lib/contracts/api/pipelines.ts"
import { type FieldChange, manifestChanges } from "#lib/contracts/manifest-changes.ts"
import { fileChanges } from "#lib/domain/file-changes.ts"
import { countOf } from "../run/run-words.ts"
import { Icon } from "../ui/icon.tsx"

const SIGN = { added: "+", removed: "−", changed: "~" } as const
const HUE = { added: "success", removed: "failed", changed: "up_for_retry" } as const

/** What changed between two versions in terms of tasks and settings; opens to the details. */
export function ChangeSummary({ before, after }: { before: VersionDetail; after: VersionDetail }) {
  const { settings, tasks } = useMemo(() => {
    const files = fileChanges(before.files, after.files).filter((file) => file.change !== "same")
    return manifestChanges(before.manifest, after.manifest, new Set(files.map((file) => file.path)))
  }, [before, after])
  const counts = (["added", "removed", "changed"] as const).flatMap((change) => {
    const count = tasks.filter((task) => task.change === change).length
    return count > 0 ? [`${countOf(count, "task")} ${change}`] : []
  })
  if (settings.length > 0) counts.push(`${countOf(settings.length, "setting")} changed`)
  return (
    <details className="group/changes flex-none border-line border-b bg-canvas">
      <summary className="flex min-h-9 cursor-pointer list-none items-center gap-1.5 px-6 max-sm:px-4 [&::-webkit-details-marker]:hidden">
        <Icon name="right" size={12} className="text-t3 transition-transform group-open/changes:rotate-90" />
        <b>{counts.length > 0 ? counts.join(", ") : "No task and no setting changed"}</b>
        <span className="text-t3">
          from v{before.version} to v{after.version}
        </span>
      </summary>
      {counts.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a pane that scrolls must be reachable by keyboard
        <div tabIndex={0} className="max-h-56 overflow-auto px-6 pb-3 focus-visible:-outline-offset-2 max-sm:px-4">
          {settings.length > 0 && (
            <section className="mb-2">
              <h3 className="py-1 text-12 text-t3">Settings</h3>
              <Fields changes={settings} />
            </section>
          )}
          <ul aria-label="Tasks that changed">
            {tasks.map((task) => (
              <li key={task.taskId} className="py-0.5">
                <span data-s={HUE[task.change]} className="mr-2 inline-block w-3 text-center font-strong text-ct">
                  {SIGN[task.change]}
                </span>
                <span className="font-med">{task.taskId}</span> <span className="text-t3">{task.change}</span>
                <Fields changes={task.fields} className="ml-5" />
                {task.files.map((file) => (
                  <p key={file} className="ml-5 text-t2">
                    Its file <code>{file}</code> changed.
                  </p>
                ))}
              </li>
            ))}
          </ul>
        </div>
      )}
    </details>
  )
}

function Fields({ changes, className = "" }: { changes: readonly FieldChange[]; className?: string }) {
  if (changes.length === 0) return null
  return (
    <ul className={className}>
      {changes.map(({ field, before, after }) => (
        <li key={field} className="break-words text-t2">
          <span className="text-t3">{field}: </span>
          {before === "" ? "none" : <del className="text-failed-t">{cut(before)}</del>}
          <span className="text-t3"> to </span>
          {after === "" ? "none" : <ins className="text-success-t no-underline">{cut(after)}</ins>}
        </li>
      ))}
    </ul>
  )
}

/** A whole query as one line helps nobody: the files show it. */
function cut(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
