import type { RunChanges } from "#lib/contracts/api/triage.ts"
import type { Manifest } from "#lib/contracts/manifest.ts"
import { type FieldChange, manifestChanges, type TaskChange } from "#lib/contracts/manifest-changes.ts"
import { fileChanges } from "#lib/domain/file-changes.ts"
import { type CodeFacts, compareRuns } from "#lib/domain/run-difference.ts"
import { findLastSuccess, type RunWithCode, readRunFacts } from "#lib/store/read/run-facts.ts"
import type { Queryable } from "#lib/store/transaction.ts"

/**
 * What differs between a run and the last of its pipeline that went well before it: definition, parameters, inputs, tasks.
 * @throws AppError `run.not_found`
 */
export async function readRunChanges(queryable: Queryable, runId: string): Promise<RunChanges> {
  const [after, lastId] = await Promise.all([readRunFacts(queryable, runId), findLastSuccess(queryable, runId)])
  const before = lastId === null ? null : await readRunFacts(queryable, lastId)
  return {
    pipelineId: after.pipelineId,
    run: shown(after),
    lastSuccess: before && shown(before),
    failedBefore: after.failedBefore,
    changes: before
      ? compareRuns(before, after, {
          code: before.version === after.version ? [] : codeFacts(before, after),
          near: nearTasks(after.manifest, [...after.failedTaskIds, ...after.failedBefore.map(({ taskId }) => taskId)]),
        })
      : [],
  }
}

function shown({ id, version, state, startedAt, finishedAt, durationMs }: RunWithCode): RunChanges["run"] {
  return { id, version, state, startedAt, finishedAt, durationMs }
}

/** The tasks and all upstream of them. */
function nearTasks(manifest: Manifest, failed: readonly string[]): Set<string> {
  const upstream = new Map(manifest.tasks.map((task) => [task.id, task.upstream]))
  const near = new Set(failed)
  for (const task of near) for (const before of upstream.get(task) ?? []) near.add(before)
  return near
}

function codeFacts(before: RunWithCode, after: RunWithCode): CodeFacts[] {
  const changed = fileChanges(before.files, after.files).filter(({ change }) => change !== "same")
  const { settings, tasks } = manifestChanges(before.manifest, after.manifest, new Set(changed.map(({ path }) => path)))
  const versions = { before: `v${before.version}`, after: `v${after.version}` }
  const facts = [
    ...tasks.map((task) => ({ taskId: task.taskId, text: taskText(task), ...versions })),
    ...settings.map((setting) => ({ taskId: null, text: settingText(setting), ...versions })),
  ]
  if (facts.length > 0 || changed.length === 0) return facts
  // Files that no task names: helpers that its code imports.
  const files = changed.slice(0, 3).map(({ path }) => path)
  const more = changed.length > files.length ? ` and ${changed.length - files.length} more` : ""
  return [{ taskId: null, text: `Changed: ${files.join(", ")}${more}.`, ...versions }]
}

function taskText({ taskId, change, fields, files }: TaskChange): string {
  if (change === "added") return `Task ${taskId} is new.`
  if (change === "removed") return `Task ${taskId} was removed.`
  const what = [...files, ...fields.map(({ field }) => field)]
  return `Task ${taskId} changed: ${what.slice(0, 4).join(", ")}${what.length > 4 ? " …" : ""}.`
}

function settingText({ field, before, after }: FieldChange): string {
  return `The pipeline's ${field} is ${after || "not set"} instead of ${before || "not set"}.`
}
