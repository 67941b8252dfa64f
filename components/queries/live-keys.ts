import type { QueryKey } from "@tanstack/react-query"
import type { RunDetail, TaskRun } from "#lib/contracts/api/runs.ts"
import type { LiveEvent } from "#lib/contracts/api/system.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import {
  backfillKeys,
  datasetKeys,
  deadlineKeys,
  freshnessKeys,
  incidentKeys,
  lineageKeys,
  overviewKeys,
  pipelineKeys,
  qualityKeys,
  runKeys,
  seriesKeys,
  systemKeys,
  waitKeys,
} from "./keys.ts"

/** Which cached answers an event makes old. Log lines make none old: the log view reads its own stream. */
export function keysFor(event: LiveEvent): QueryKey[] {
  switch (event.type) {
    case "run":
      return [
        runKeys.lists(),
        runKeys.detail(event.id),
        overviewKeys.all,
        pipelineKeys.list(),
        pipelineKeys.detail(event.pipelineId),
        pipelineKeys.views(event.pipelineId),
        freshnessKeys.all,
        ...(event.state === "running" || event.state === "queued"
          ? []
          : [datasetKeys.all, qualityKeys.all, lineageKeys.all, backfillKeys.all]),
      ]
    case "task_run":
      return [
        runKeys.detail(event.runId),
        runKeys.instances(event.runId),
        ["task-runs", event.id],
        // Into a wait, or out of it; what merely starts was in none.
        ...(event.state === "running" || event.state === "up_for_retry" ? [] : [waitKeys.all]),
      ]
    case "workspace":
      return [
        pipelineKeys.all,
        datasetKeys.all,
        lineageKeys.all,
        overviewKeys.all,
        freshnessKeys.all,
        systemKeys.problems(),
      ]
    case "backfill":
      return [backfillKeys.list(), backfillKeys.detail(event.id)]
    case "deadline":
      return [deadlineKeys.all]
    case "incident":
      return [incidentKeys.all, overviewKeys.all]
    case "freshness":
      // A monitor has looked: at rows, too.
      return [freshnessKeys.all, qualityKeys.all, datasetKeys.all, overviewKeys.all]
    case "series":
      return [seriesKeys.all]
    case "log":
      return []
    default:
      return []
  }
}

/** The run with its new state written in, before it is read again; the very same object where nothing differs. */
export function patchRun(run: RunDetail, event: Extract<LiveEvent, { type: "run" }>): RunDetail {
  const state = event.state as RunDetail["state"]
  if (run.state === state) return run
  return { ...run, state, finishedAt: isFinalRunState(state) ? run.finishedAt : null }
}

/**
 * The run with the new state of one task run written in, so that a graph repaints at once and before the run is read
 * again; the very same object where nothing differs.
 */
export function patchTaskRun(run: RunDetail, event: Extract<LiveEvent, { type: "task_run" }>): RunDetail {
  const state = event.state as TaskRun["state"]
  const index = run.taskRuns.findIndex((one) => one.id === event.id)
  const before = run.taskRuns[index]
  if (!before || before.state === state) return run
  const tasks = {
    ...run.tasks,
    [before.state]: (run.tasks[before.state] ?? 1) - 1,
    [state]: (run.tasks[state] ?? 0) + 1,
  }
  return { ...run, tasks, taskRuns: run.taskRuns.with(index, { ...before, state }) }
}
