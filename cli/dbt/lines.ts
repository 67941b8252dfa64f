import { styleText } from "node:util"
import type { ParsedProject } from "#lib/models/project/parse-project.ts"
import { excerpt } from "#lib/models/run/excerpt.ts"
import type { NodeStatus } from "#lib/models/run/protocol.ts"
import type { NodeResult, RunListener } from "#lib/models/run/run-project.ts"
import type { RunnableNode } from "#lib/models/run/work-graph.ts"
import type { DbtConsole } from "./console.ts"

const WIDTH = 80

/** `1 of 28 START sql view model dev.stg_orders ..... [RUN]` */
export function startLine(node: RunnableNode, index: number, total: number): string {
  return dotted(`${index} of ${total} START ${titleOf(node)}`, "[RUN]")
}

/** `1 of 28 OK created sql view model dev.stg_orders ..... [CREATE VIEW in 0.03s]` */
export function endLine(result: NodeResult, index: number, total: number): string {
  const { node, status, executionTime, message, failures } = result
  const seconds = `in ${executionTime.toFixed(2)}s`
  const said = {
    success: [`OK ${VERBS[node.resource_type] ?? "ran"} ${titleOf(node)}`, `[${green(message ?? "OK")} ${seconds}]`],
    pass: [`PASS ${node.name}`, `[${green("PASS")} ${seconds}]`],
    warn: [`WARN ${failures ?? ""} ${node.name}`, `[${yellow(`WARN ${failures ?? ""}`)} ${seconds}]`],
    fail: [`FAIL ${failures ?? ""} ${node.name}`, `[${red(`FAIL ${failures ?? ""}`)} ${seconds}]`],
    error: [`ERROR ${VERBS[node.resource_type] ? "creating" : "in"} ${titleOf(node)}`, `[${red("ERROR")} ${seconds}]`],
    skipped: [`SKIP ${titleOf(node)}`, `[${yellow("SKIP")}]`],
    "partial success": [`PARTIAL SUCCESS ${titleOf(node)}`, `[${yellow("PARTIAL SUCCESS")} ${seconds}]`],
    "no-op": [`NO-OP ${titleOf(node)}`, `[${green(message ?? "NO-OP")}]`],
  } satisfies Record<NodeStatus, [string, string]>
  const [text, end] = said[status]
  return dotted(`${index} of ${total} ${text}`, end)
}

const VERBS: Readonly<Record<string, string>> = { model: "created", seed: "loaded", snapshot: "snapshotted" }

function titleOf(node: RunnableNode): string {
  switch (node.resource_type) {
    case "model":
      return `${node.language} ${node.config.materialized.replaceAll("_", " ")} model ${node.schema}.${node.alias}`
    case "seed":
      return `seed file ${node.schema}.${node.alias}`
    case "snapshot":
      return `snapshot ${node.schema}.${node.alias}`
    case "unit_test":
      return `unit_test ${node.model}::${node.name}`
    default:
      return `${node.resource_type} ${node.name}`
  }
}

/** What went wrong, each with its place and the line of the compiled query that the server refused. */
export function failureText(result: NodeResult, compiledFile: string | null): string {
  const { node, status, error, message, compiledCode } = result
  const lines = [
    status === "warn"
      ? yellow(`Warning in ${node.resource_type} ${node.name} (${node.original_file_path})`)
      : red(`Failure in ${node.resource_type} ${node.name} (${node.original_file_path})`),
    ...`  ${message ?? ""}`.split("\n"),
  ]
  if (error?.compiledLine && compiledCode) lines.push("", ...excerpt(compiledCode, error.compiledLine))
  if (compiledFile !== null) lines.push("", `  compiled code at ${compiledFile}`)
  return lines.join("\n")
}

/** `Done. PASS=8 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=8` */
export function closingLine(results: readonly NodeResult[]): string {
  const count = (...statuses: NodeStatus[]) => results.filter(({ status }) => statuses.includes(status)).length
  return `Done. PASS=${count("success", "pass")} WARN=${count("warn")} ERROR=${count("error", "fail", "partial success")} SKIP=${count("skipped")} NO-OP=${count("no-op")} TOTAL=${results.length}`
}

export function dotted(text: string, end: string): string {
  return `${text} ${".".repeat(Math.max(3, WIDTH - text.length))} ${end}`
}

/** In colour where that is a terminal. */
export function inColour(colour: "green" | "yellow" | "red", text: string): string {
  return styleText(colour, text, { stream: process.stdout })
}

const green = (text: string) => inColour("green", text)
const yellow = (text: string) => inColour("yellow", text)
const red = (text: string) => inColour("red", text)

/** `Found 5 models, 20 tests, 3 seeds, 1 source, 340 macros` */
export function countsLine({ manifest }: ParsedProject): string {
  const counts = new Map<string, number>()
  for (const { resource_type } of manifest.nodes.values()) {
    counts.set(resource_type, (counts.get(resource_type) ?? 0) + 1)
  }
  counts.set("unit test", manifest.unitTests.size)
  counts.set("source", manifest.sources.size)
  counts.set("exposure", manifest.exposures.size)
  counts.set("macro", manifest.macros.size)
  const parts = [...counts].flatMap(([type, count]) => (count === 0 ? [] : [counted(count, type)]))
  return `Found ${parts.join(", ")}`
}

function counted(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`
  return `${count} ${noun === "analysis" ? "analyses" : `${noun}s`}`
}

/** What the JSON log says of a node that ended. */
export function resultData({ node, status, executionTime }: NodeResult): object {
  const materialized = node.resource_type === "unit_test" ? "unit" : node.config.materialized
  return {
    execution_time: executionTime,
    status,
    node_info: {
      unique_id: node.unique_id,
      node_name: node.name,
      node_path: node.path,
      resource_type: node.resource_type,
      materialized,
      node_status: status,
    },
  }
}

/** Where what templates log goes. */
export function logTo(console: DbtConsole): NonNullable<RunListener["onLog"]> {
  return (level, message) => {
    if (level === "warn") console.warn(message, "JinjaLogWarning")
    else if (level === "debug") console.debug(message, "JinjaLogDebug")
    else console.info(message, "JinjaLogInfo")
  }
}
