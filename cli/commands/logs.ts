import { setTimeout as delay } from "node:timers/promises"
import type { Command } from "commander"
import { z } from "zod"
import { pageOf } from "#lib/contracts/api/common.ts"
import {
  type LogLine,
  logLineSchema,
  logPageSchema,
  type RunDetail,
  runDetailSchema,
  type TaskRun,
  taskRunSchema,
} from "#lib/contracts/api/runs.ts"
import { isFinalRunState } from "#lib/domain/run-state.ts"
import { type CliContext, contextOf } from "../context.ts"
import { CliError, EXIT } from "../exit-code.ts"
import { plain } from "../output.ts"
import { runId } from "./runs.ts"

const PAGE_LINES = 5_000
const POLL_MS = 500

interface LogsOptions {
  follow?: boolean
  attempt?: string
  mapIndex?: string
  level?: string
  search?: string
}

/** logs. */
export function addLogsCommand(program: Command, signal: AbortSignal): void {
  program
    .command("logs <run> [task]")
    .description("print the log of a run's tasks, or of one")
    .option("-f, --follow", "as it is written, until the run ends; ends with 1 unless it succeeds")
    .option("--attempt <number>", "of one attempt (default: the last; following, all)")
    .option("--map-index <number>", "of one instance of a mapped task, counted from 0")
    .option("--level <level>", "lowest level: debug, info, warn, error")
    .option("--search <text>", "lines that contain it")
    .action(async (id: string, task: string | undefined, options: LogsOptions, command: Command) => {
      const context = contextOf(command, signal)
      if (options.follow) await followRun(context, runId(id), task, options)
      else await printRun(context, runId(id), task, options)
    })
}

async function printRun(
  context: CliContext,
  id: string,
  task: string | undefined,
  options: LogsOptions,
): Promise<void> {
  const run = await context.client.get(`/runs/${id}`, runDetailSchema)
  const tasks = await chooseInstances(context, run, chooseTasks(run, task), options)
  for (const taskRun of tasks) {
    const attempt = options.attempt
      ? taskRun.attempts.find((candidate) => String(candidate.number) === options.attempt)
      : taskRun.attempts.at(-1)
    if (!attempt && options.attempt) {
      throw new CliError(
        `${nameOf(taskRun)} has no attempt ${options.attempt}; it has ${taskRun.attempts.length}.`,
        EXIT.failed,
      )
    }
    if (attempt) await printLog(context, attempt.id, prefixOf(taskRun, tasks.length), options)
  }
}

async function printLog(context: CliContext, attemptId: string, prefix: string, options: LogsOptions): Promise<void> {
  for (let from = 1; ; ) {
    const { lines } = await context.client.get(`/attempts/${attemptId}/logs`, logPageSchema, {
      from,
      limit: PAGE_LINES,
      level: options.level,
      q: options.search,
    })
    for (const line of lines) await print(context, line, prefix)
    if (lines.length < PAGE_LINES) return
    from = lines.at(-1)!.line + 1
  }
}

/** Streams each attempt as it appears. The server searches whole logs, so a followed one is searched here. */
async function followRun(
  context: CliContext,
  id: string,
  task: string | undefined,
  options: LogsOptions,
): Promise<void> {
  const streams = new Map<string, Promise<void>>()
  for (;;) {
    const run = await context.client.get(`/runs/${id}`, runDetailSchema)
    const tasks = await chooseInstances(context, run, chooseTasks(run, task), options)
    for (const taskRun of tasks) {
      for (const attempt of taskRun.attempts) {
        const isWanted = !options.attempt || String(attempt.number) === options.attempt
        if (isWanted && !streams.has(attempt.id)) {
          streams.set(attempt.id, followLog(context, attempt.id, prefixOf(taskRun, tasks.length), options))
        }
      }
    }
    if (isFinalRunState(run.state)) {
      await Promise.all(streams.values())
      if (run.state === "success") return
      throw new CliError(`Run ${id} is ${run.state}.`, EXIT.failed)
    }
    // A stream that fails must not wait for the run's end to be noticed.
    await Promise.race([delay(POLL_MS, undefined, { signal: context.signal }), failureOf(streams)]).catch((error) => {
      if (context.signal.aborted) throw new CliError(`Stopped following; run ${id} goes on.`, EXIT.interrupted)
      throw error
    })
  }
}

/** Settles only when one of the promises fails. */
function failureOf(streams: ReadonlyMap<string, Promise<void>>): Promise<never> {
  return new Promise((_, reject) => {
    for (const stream of streams.values()) stream.catch(reject)
  })
}

const LEVELS = ["debug", "info", "warn", "error"]

async function followLog(context: CliContext, attemptId: string, prefix: string, options: LogsOptions): Promise<void> {
  const lowest = LEVELS.indexOf(options.level ?? "debug")
  const text = options.search?.toLowerCase()
  for await (const { event, data } of context.client.events(`/attempts/${attemptId}/logs/stream`, context.signal)) {
    if (event !== "lines") continue
    for (const line of z.array(logLineSchema).parse(data)) {
      const isWanted = LEVELS.indexOf(line.level) >= lowest && (!text || line.message.toLowerCase().includes(text))
      if (isWanted) await print(context, line, prefix)
    }
  }
}

function chooseTasks(run: RunDetail, task: string | undefined): TaskRun[] {
  if (task === undefined) return run.taskRuns
  const chosen = run.taskRuns.filter((candidate) => candidate.taskId === task)
  if (chosen.length > 0) return chosen
  const names = run.taskRuns.map((candidate) => candidate.taskId).join(", ")
  throw new CliError(`Run ${run.id} has no task ${plain(task)}; it has ${names}.`, EXIT.failed)
}

/**
 * The instance that `--map-index` names. A mapped task has no log of its own, so one that is asked for by itself is told by
 * its instances; among all tasks it is passed over.
 */
async function chooseInstances(
  { client }: CliContext,
  run: RunDetail,
  tasks: TaskRun[],
  { mapIndex }: LogsOptions,
): Promise<TaskRun[]> {
  const [task, ...more] = tasks
  if (mapIndex === undefined) {
    if (!task?.instances || more.length > 0) return tasks
    const last = task.instances.total - 1
    throw new CliError(
      `Task ${task.taskId} is mapped; name one of its instances with --map-index 0 to ${last}.`,
      EXIT.usage,
    )
  }
  if (!task || more.length > 0) throw new CliError("--map-index needs the name of a task.", EXIT.usage)
  if (!/^\d{1,6}$/.test(mapIndex)) {
    throw new CliError(`"${plain(mapIndex)}" is no index; instances are counted from 0.`, EXIT.usage)
  }
  const page = await client.get(`/runs/${run.id}/task-runs`, pageOf(taskRunSchema), { taskId: task.taskId, mapIndex })
  if (page.items.length > 0) return page.items
  const found = task.instances ? `it has ${task.instances.total}` : "it is not mapped, or has not read its list yet"
  throw new CliError(`Task ${task.taskId} of run ${run.id} has no instance ${mapIndex}; ${found}.`, EXIT.failed)
}

function nameOf(task: TaskRun): string {
  return task.mapIndex < 0 ? `Task ${task.taskId}` : `Instance ${task.mapIndex} of ${task.taskId}`
}

function prefixOf(task: TaskRun, count: number): string {
  return count > 1 ? `[${task.taskId}] ` : ""
}

/** One line, or with --json one JSON object; waits while the reader of a pipe is slower than the log. */
async function print({ output }: CliContext, line: LogLine, prefix: string): Promise<void> {
  const task = prefix.slice(1, -2)
  const text = output.isJson
    ? JSON.stringify(task === "" ? line : { task, ...line })
    : `${prefix}${line.at.slice(11, 23)} ${line.level.toUpperCase().padEnd(5)} ${plain(line.message)}`
  if (process.stdout.write(`${text}\n`)) return
  await new Promise((resolve) => process.stdout.once("drain", resolve))
}
