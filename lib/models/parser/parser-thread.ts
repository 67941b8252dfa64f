import { Worker } from "node:worker_threads"
import { ProjectError } from "../project/project-error.ts"
import type { ManifestSlice } from "../run/manifest-slice.ts"
import type { PoolProject } from "../run/thread-pool.ts"
import type {
  ParserAnswers,
  ParserFailure,
  ParserOptions,
  ParserQuestion,
  ParserReply,
  ParserRequest,
} from "./protocol.ts"

/** A project that was parsed on a thread and stays there. */
export interface RemoteProject {
  /** What threads that run its nodes are given. */
  pool: PoolProject
  /** Those of these ids that the project has, with all that running them takes. */
  slice(ids: readonly string[]): Promise<ManifestSlice>
  /** Lets go of it. */
  close(): void
  /** Resolves when the thread ends, and the project with it. */
  lost: Promise<void>
}

interface RunningThread {
  worker: Worker
  ended: Promise<void>
}

interface Pending {
  resolve(answer: unknown): void
  reject(error: unknown): void
}

/**
 * Parses projects on a thread of its own, so that whoever asks goes on meanwhile: a project of 10,000 models takes seconds. The
 * manifest stays on the thread, for reading tens of thousands of nodes out of a message would hold up this one nearly as long;
 * what crosses are the few nodes that a task is about. Questions wait while another project is parsed. The thread is started
 * when it is first asked, and again after it ended; it keeps no process alive that waits for nothing.
 */
export class ParserThread {
  private running: RunningThread | null = null
  private readonly pending = new Map<number, Pending>()
  private requests = 0
  private projects = 0

  /** @throws ProjectError as `parseProject` does */
  async open(options: ParserOptions): Promise<RemoteProject> {
    const project = ++this.projects
    const running = this.start()
    const setup = await this.ask({ kind: "open", project, options })
    const ask = <Q extends ParserQuestion>(question: Q): Promise<ParserAnswers[Q["kind"]]> => {
      return this.running === running ? this.ask(question) : Promise.reject(endedError())
    }
    return {
      pool: { setup, graph: () => ask({ kind: "graph", project }) },
      slice: (ids) => ask({ kind: "slice", project, ids }),
      close: () => void ask({ kind: "close", project }).catch(() => undefined),
      lost: running.ended,
    }
  }

  private ask<Q extends ParserQuestion>(question: Q): Promise<ParserAnswers[Q["kind"]]> {
    const { worker } = this.start()
    const request = ++this.requests
    return new Promise((resolve, reject) => {
      this.pending.set(request, { resolve: resolve as Pending["resolve"], reject })
      worker.ref()
      worker.postMessage({ ...question, request } satisfies ParserRequest)
    })
  }

  private start(): RunningThread {
    if (this.running) return this.running
    const worker = new Worker(new URL("./parser.mjs", import.meta.url))
    worker.unref()
    worker.on("message", (reply: ParserReply) => this.settle(reply))
    const ended = new Promise<void>((resolve) => {
      const end = (error: unknown) => {
        this.fail(worker, error)
        resolve()
      }
      worker.on("error", end)
      worker.on("exit", () => end(endedError()))
    })
    this.running = { worker, ended }
    return this.running
  }

  private settle(reply: ParserReply): void {
    const pending = this.pending.get(reply.request)
    this.pending.delete(reply.request)
    if (this.pending.size === 0) this.running?.worker.unref()
    if ("answer" in reply) pending?.resolve(reply.answer)
    else pending?.reject(revive(reply.failure))
  }

  /** The thread is gone: so is what it was asked, and what it kept. */
  private fail(worker: Worker, error: unknown): void {
    if (this.running?.worker !== worker) return
    this.running = null
    const lost = [...this.pending.values()]
    this.pending.clear()
    for (const { reject } of lost) reject(error)
  }
}

function endedError(): Error {
  return new Error("The thread that parses dbt projects ended.")
}

function revive({ message, stack, problems, macroStack }: ParserFailure): Error {
  const error = problems ? new ProjectError(problems, { macroStack }) : new Error(message)
  if (stack !== undefined) error.stack = stack
  return error
}
