import { deserialize } from "node:v8"
import { parentPort, workerData } from "node:worker_threads"
import { SqlError, type SqlFailure, type StatementAnswer, type SyncDatabase } from "../adapter/database.ts"
import { executeNode } from "./execute-node.ts"
import { ProjectRuntime } from "./project-runtime.ts"
import {
  type BridgeAnswer,
  type BridgeRequest,
  type GraphAnswer,
  PROJECTS_KEPT,
  type ProjectSetup,
  type TaskAnswer,
  type ThreadMessage,
  type ThreadSetup,
} from "./protocol.ts"
import { BridgeClient } from "./sync-bridge.ts"

/* What a thread of the pool does (thread-pool.ts): takes a task, answers with its outcome, and so on. */

const { bridge } = workerData as ThreadSetup

const client = new BridgeClient<BridgeRequest, BridgeAnswer>(bridge, (failure, request) => {
  return new SqlError(failure as SqlFailure, "sql" in request ? request.sql : "")
})

const database: SyncDatabase = {
  run: (sql) => client.ask({ kind: "run", sql }) as readonly StatementAnswer[],
  copyIn: (sql, rows) => void client.ask({ kind: "copy", sql, rows }),
}

const logAt = (level: "info" | "debug" | "warn") => (message: string) =>
  void client.ask({ kind: "log", level, message })

const runtimes = new Map<string, ProjectRuntime>()
let runtime: ProjectRuntime | null = null

parentPort!.on("message", (message: ThreadMessage) => {
  if (message.kind === "task") {
    if (message.graphAdditions) runtime!.graph.takeOver(message.graphAdditions)
    const outcome = executeNode(runtime!, message.task)
    parentPort!.postMessage({ outcome, graphAdditions: runtime!.graph.additions } satisfies TaskAnswer)
    return
  }
  const { id, project } = message
  runtime = project ? open(project, message.threadId) : runtimes.get(id)!
  runtimes.delete(id)
  runtimes.set(id, runtime)
  const [oldest] = runtimes.keys()
  if (runtimes.size > PROJECTS_KEPT) runtimes.delete(oldest!)
})

function open(setup: ProjectSetup, threadId: string): ProjectRuntime {
  return new ProjectRuntime({
    setup,
    threadId,
    database,
    log: { info: logAt("info"), debug: logAt("debug"), warn: logAt("warn") },
    fetchGraph() {
      const answer = client.ask({ kind: "graph" }) as GraphAnswer | Uint8Array
      return answer instanceof Uint8Array ? (deserialize(answer) as GraphAnswer) : answer
    },
  })
}
