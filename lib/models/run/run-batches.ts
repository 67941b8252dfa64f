import type { ModelNode } from "../project/node.ts"
import { gapBefore, type MicrobatchSettings, microbatchSettings, planBatches } from "./microbatch.ts"
import { toNodeError } from "./node-error.ts"
import type { EventTimeRange, NodeOutcome, NodeTask } from "./protocol.ts"

export interface BatchesOptions {
  node: ModelNode
  now: Date
  /** A range from outside, instead of the newest batches. */
  eventTime?: { start?: Date; end?: Date }
  /** These batches alone: those that failed before. */
  only?: readonly EventTimeRange[]
  isFullRefresh: boolean
  /** Runs a task of the node, or of a copy of it. */
  run(task: Omit<NodeTask, "node" | "parents">, node: ModelNode): Promise<NodeOutcome>
  signal?: AbortSignal
}

/**
 * Builds a microbatch model, a transaction for each batch, so that what went well stays when another fails. The first one makes
 * the table where there is none; when that fails, the others are not tried. Hooks run before the first batch and behind the
 * last.
 */
export async function runBatches(options: BatchesOptions): Promise<NodeOutcome> {
  const { node, now, only, run, isFullRefresh } = options
  const found = await run({ kind: "inspect" }, node)
  if (found.status === "error") return found
  const isThere = found.preview?.rows[0]?.[0] === "table" && !isFullRefresh
  let settings: MicrobatchSettings
  try {
    settings = microbatchSettings(node)
  } catch (error) {
    const invalid = toNodeError(error, null, node.original_file_path)
    return { ...found, status: "error", message: invalid.message, error: invalid, preview: null }
  }
  const ranges = only ?? planBatches(settings, { now, isThere, ...options.eventTime })
  if (ranges.length === 0) {
    return {
      ...found,
      message: "No batches: the range is empty",
      preview: null,
      batches: { successful: [], failed: [] },
    }
  }
  const gap = isThere && !only ? await gapOf(options, settings, ranges[0]!) : null
  const ended = await runAll(options, settings, ranges, isThere)
  const outcome = summary(ended, ranges)
  return gap ? { ...outcome, warnings: [gap, ...outcome.warnings] } : outcome
}

interface Ended {
  range: EventTimeRange
  outcome: NodeOutcome
}

async function runAll(
  options: BatchesOptions,
  { isConcurrent }: MicrobatchSettings,
  ranges: readonly EventTimeRange[],
  isThere: boolean,
): Promise<Ended[]> {
  const { node, run, signal } = options
  const ended: Ended[] = []
  const one = async (range: EventTimeRange): Promise<void> => {
    if (signal?.aborted) return
    const [isFirst, isLast] = [range === ranges[0], range === ranges.at(-1)]
    const task = { kind: "execute" as const, eventTime: range, buildsAnew: isFirst && !isThere }
    ended.push({ range, outcome: await run(task, withHooks(node, isFirst, isLast)) })
  }
  await one(ranges[0]!)
  if (!isThere && ended[0]?.outcome.status === "error") return ended
  const between = ranges.slice(1, -1)
  if (isConcurrent) await Promise.all(between.map(one))
  else for (const range of between) await one(range)
  if (ranges.length > 1) await one(ranges.at(-1)!)
  return ended.sort((a, b) => ranges.indexOf(a.range) - ranges.indexOf(b.range))
}

function withHooks(node: ModelNode, isFirst: boolean, isLast: boolean): ModelNode {
  const { config } = node
  return {
    ...node,
    config: {
      ...config,
      "pre-hook": isFirst ? config["pre-hook"] : [],
      "post-hook": isLast ? config["post-hook"] : [],
    },
  }
}

function summary(ended: readonly Ended[], ranges: readonly EventTimeRange[]): NodeOutcome {
  const good = ended.filter(({ outcome }) => outcome.status === "success")
  const bad = ended.filter(({ outcome }) => outcome.status !== "success")
  const successful = good.map(({ range }) => range)
  const failed = ranges.filter((range) => !successful.includes(range))
  const rows = good.reduce((sum, { outcome }) => sum + Number(outcome.adapterResponse.rows_affected ?? 0), 0)
  const shown = bad[0] ?? ended.at(-1)
  const said = `${successful.length} of ${ranges.length} ${ranges.length === 1 ? "batch" : "batches"}`
  const error = bad[0]?.outcome.error ?? null
  return {
    ...shown!.outcome,
    status: failed.length === 0 ? "success" : successful.length === 0 ? "error" : "partial success",
    message: error ? `${said}. Batch ${dayOf(bad[0]!.range)}: ${error.message}` : said,
    adapterResponse: { _message: said, code: "MICROBATCH", rows_affected: rows },
    timing: [...(ended[0]?.outcome.timing.slice(0, 1) ?? []), ...(ended.at(-1)?.outcome.timing.slice(-1) ?? [])],
    error,
    warnings: [...new Set(ended.flatMap(({ outcome }) => outcome.warnings))],
    batches: { successful, failed },
  }
}

/** A warning that names the batches between what is there and what is built, as of days in which nothing ran. */
async function gapOf({ node, run }: BatchesOptions, settings: MicrobatchSettings, first: EventTimeRange) {
  const { preview } = await run({ kind: "inspect", eventTime: first }, node)
  const seconds = preview?.rows[0]?.[1]
  const newest = seconds === null || seconds === undefined ? null : new Date(Number(seconds) * 1000)
  const gap = gapBefore(settings, newest, new Date(first.start))
  if (!gap) return null
  const [start, end] = [dayOf(gap), dayOf({ start: gap.end, end: "" })]
  return `${node.name} has no rows from ${start} to ${end}, before the first batch of this run. If these batches were never loaded, run it with --event-time-start "${start}" --event-time-end "${end}".`
}

function dayOf({ start }: EventTimeRange): string {
  return start.replace(/T00:00:00.000Z$/, "").replace(/:00.000Z$/, "Z")
}
