import type { Command } from "commander"
import { pipelineGridSchema } from "#lib/contracts/api/pipeline-views.ts"
import { queueSchema } from "#lib/contracts/api/queue.ts"
import { stateOfCode, TASK_RUN_SEVERITY } from "#lib/domain/severity.ts"
import type { TaskRunState } from "#lib/domain/task-run-state.ts"
import { contextOf } from "../context.ts"
import { durationText, faint, instantText, stateText, table } from "../output.ts"

/** grid and queue. */
export function addViewCommands(program: Command, signal: AbortSignal): void {
  program
    .command("grid <pipeline>")
    .description("show the tasks of the newest runs side by side, one letter a run")
    .option("--runs <count>", "how many runs", "25")
    .option("--state <states>", "only runs in these states, comma-separated")
    .option("--kind <kinds>", "only runs of these kinds, comma-separated")
    .action(async (pipeline: string, options: { runs: string; state?: string; kind?: string }, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const query = new URLSearchParams(Object.entries(options)).toString()
      const grid = await client.get(`/pipelines/${encodeURIComponent(pipeline)}/grid?${query}`, pipelineGridSchema)
      output.result(grid, () => {
        const tasks = grid.tasks.map((task, place) => [
          task,
          grid.runs.map(({ states }) => letterOf(stateOfCode(states[place] ?? ""))).join(""),
        ])
        const newest = grid.runs.at(-1)
        if (!newest) return "No runs match."
        const last = `Newest: run ${newest.id}, ${stateText(newest.state)}, ${durationText(newest.durationMs)}`
        const legend = TASK_RUN_SEVERITY.filter((state) => state !== "mapped")
          .map((state) => `${letterOf(state)} ${state}`)
          .join("  ")
        return [table(["TASK", "RUNS, OLDEST FIRST"], tasks, "No tasks."), faint(legend), last].join("\n")
      })
    })

  program
    .command("queue")
    .description("show what waits for a worker, a slot or its next try")
    .action(async (_options: object, command: Command) => {
      const { client, output } = contextOf(command, signal)
      const queue = await client.get("/queue", queueSchema)
      output.result(queue, () => {
        const { waitingForWorker, waitingForSlot, retrying, limits } = queue
        const rows = [
          ["running", `${queue.running} of ${queue.workerSlots} slots`, ""],
          ["waiting for a worker", String(waitingForWorker.count), instantText(waitingForWorker.oldestSince)],
          ["waiting for a slot", String(waitingForSlot.count), instantText(waitingForSlot.oldestSince)],
          ...limits
            .filter((limit) => limit.waiting > 0)
            .map((limit) => [`  of ${limit.id}`, String(limit.waiting), instantText(limit.oldestSince)]),
          ["waiting for their next try", String(retrying.count), instantText(retrying.nextAt)],
          ["deferred", String(queue.deferred), ""],
        ]
        return table(["TASKS", "COUNT", "OLDEST OR NEXT"], rows, "")
      })
    })
}

const LETTERS: Record<TaskRunState, string> = {
  success: ".",
  failed: "F",
  running: "R",
  mapped: "R",
  up_for_retry: "Y",
  deferred: "D",
  ready: "Q",
  upstream_failed: "U",
  skipped: "S",
  cancelled: "C",
  pending: "w",
}

/** A space where the run does not have the task. */
function letterOf(state: TaskRunState | null): string {
  return state === null ? " " : LETTERS[state]
}
