import type { Worker } from "node:worker_threads"
import { type GraphAdditions, mergeAdditions } from "./lazy-graph.ts"
import { describeSqlError, openConnection, type SessionOptions, type WarehouseSession } from "./open-connection.ts"
import {
  type BridgeAnswer,
  type BridgeRequest,
  type GraphAnswer,
  type NodeOutcome,
  type NodeTask,
  PROJECTS_KEPT,
  type ProjectSetup,
  type TaskAnswer,
  type ThreadMessage,
} from "./protocol.ts"
import { CORES, startThread } from "./start-thread.ts"
import { serveBridge } from "./sync-bridge.ts"

export interface PoolOptions {
  size: number
  /** Sessions of the threads' own; null where each task brings one. */
  session: SessionOptions | null
  /** What tasks are of; null where each says it. */
  project: PoolProject | null
  onLog(level: "info" | "debug" | "warn", message: string, threadId: string): void
}

/** A project that threads run tasks of. */
export interface PoolProject {
  setup: ProjectSetup
  /** Asked at most once a thread. Bytes are an answer in V8's serialization, which the thread reads. */
  graph(): GraphAnswer | Promise<Uint8Array>
}

/** How a task is run. */
export interface PoolTask {
  signal?: AbortSignal
  /** Instead of the thread's own. */
  session?: TaskSession
  /** Instead of the pool's. */
  project?: PoolProject
}

/**
 * How long a task waits for a thread that is at work before one more is started, while there are as many as cores: about as long
 * as loading it takes, of which the cores are kept. Where nodes take a few milliseconds, none is started; where they take long,
 * this is lost once.
 */
const PATIENCE_MS = 100

/**
 * Threads that render and run nodes, each with a session with the warehouse. Templates wait for the database, so each needs
 * a thread of its own; sessions live here, where nobody waits.
 */
export class ThreadPool {
  private options: PoolOptions | null
  private readonly idle: PoolThread[] = []
  private readonly all = new Set<PoolThread>()
  private readonly waiting: ((thread: PoolThread) => void)[] = []
  private opening = 0
  /** What templates have put into `graph`, on whatever thread. */
  private readonly graphAdditions = new WeakMap<PoolProject, GraphAdditions>()

  /** Without options, it has to be opened for a project first. */
  constructor(options: PoolOptions | null) {
    this.options = options
  }

  /** Takes up another project, with the threads that are there. Nothing may be running. */
  async reopen(options: PoolOptions): Promise<void> {
    this.options = options
    await Promise.all([...this.all].map((thread) => thread.adopt(options)))
  }

  /** Runs a task on the next free thread. @throws the driver's error when no session can be opened. */
  async run(task: NodeTask, { signal, session, project: given }: PoolTask = {}): Promise<NodeOutcome> {
    const project = given ?? this.options?.project
    if (!project) throw new Error("No project is open for these threads.")
    const thread = await this.take()
    const own = thread.session
    if (session) thread.current = session
    // Who lends a session stops what runs on it.
    const stop = () => void own?.cancel().catch(() => undefined)
    signal?.addEventListener("abort", stop, { once: true })
    try {
      if (signal?.aborted) stop()
      const known = this.graphAdditions.get(project)
      const { outcome, graphAdditions } = await thread.run(project, task, known ?? null)
      if (graphAdditions) {
        const all = this.graphAdditions.get(project) ?? {}
        mergeAdditions(all, graphAdditions)
        this.graphAdditions.set(project, all)
      }
      return outcome
    } finally {
      signal?.removeEventListener("abort", stop)
      thread.current = own
      this.give(thread)
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.all].map((thread) => thread.close()))
    this.all.clear()
    this.idle.length = 0
  }

  private async take(): Promise<PoolThread> {
    const free = this.idle.pop()
    if (free) return free
    const { options } = this
    if (!options) throw new Error("No project is open for these threads.")
    const threads = this.all.size + this.opening
    if (threads < Math.min(options.size, CORES)) return this.open(options)
    return new Promise((resolve, reject) => {
      this.waiting.push(resolve)
      if (threads >= options.size) return
      setTimeout(() => {
        const place = this.waiting.indexOf(resolve)
        if (place === -1 || this.all.size + this.opening >= options.size) return
        this.waiting.splice(place, 1)
        this.open(options).then(resolve, reject)
      }, PATIENCE_MS)
    })
  }

  private async open(options: PoolOptions): Promise<PoolThread> {
    const number = this.all.size + ++this.opening
    try {
      const thread = await PoolThread.open(`Thread-${number} (worker)`, options)
      this.all.add(thread)
      return thread
    } finally {
      this.opening--
    }
  }

  private give(thread: PoolThread): void {
    if (thread.isBroken) {
      this.all.delete(thread)
      void thread.close()
      const next = this.waiting.shift()
      if (next) void this.take().then(next)
      return
    }
    const next = this.waiting.shift()
    if (next) next(thread)
    else this.idle.push(thread)
  }
}

/** What a thread runs statements on. */
export interface TaskSession extends Pick<WarehouseSession, "run" | "copyIn"> {
  /** Where the task's templates log to. */
  onLog?(level: "info" | "debug" | "warn", message: string): void
}

class PoolThread {
  session: WarehouseSession | null = null
  /** What statements run on now. */
  current: TaskSession | null = null
  private readonly worker: Worker
  private readonly threadId: string
  private options: PoolOptions
  private project: PoolProject | null = null
  /** What the thread keeps, oldest first. */
  private kept: PoolProject[] = []
  isBroken = false

  private constructor(threadId: string, options: PoolOptions) {
    this.threadId = threadId
    this.options = options
    const { worker, port, signal } = startThread()
    const handle = (request: BridgeRequest) => this.answer(request)
    serveBridge<BridgeRequest, BridgeAnswer>({ port, signal }, handle, describeSqlError)
    this.worker = worker
    worker.on("error", () => {
      this.isBroken = true
    })
    worker.on("exit", () => {
      this.isBroken = true
    })
  }

  static async open(threadId: string, options: PoolOptions): Promise<PoolThread> {
    const thread = new PoolThread(threadId, options)
    try {
      await thread.adopt(options)
    } catch (error) {
      await thread.close()
      throw error
    }
    return thread
  }

  /** Takes over the session of these options. */
  async adopt(options: PoolOptions): Promise<void> {
    this.options = options
    await this.session?.close().catch(() => undefined)
    this.session = options.session && (await openConnection(options.session))
    this.current = this.session
    // While the thread is idle, so that it is ready for the first task.
    if (options.project) this.use(options.project)
  }

  /** Makes a project that of the tasks to come. */
  private use(project: PoolProject): void {
    if (project === this.project) return
    const isKept = this.kept.includes(project)
    this.kept = [...this.kept.filter((each) => each !== project), project].slice(-PROJECTS_KEPT)
    this.project = project
    const { setup } = project
    this.tell({ kind: "project", id: setup.invocationId, project: isKept ? null : setup, threadId: this.threadId })
  }

  private tell(message: ThreadMessage): void {
    this.worker.postMessage(message)
  }

  private async answer(request: BridgeRequest): Promise<BridgeAnswer> {
    const { current, options, threadId } = this
    switch (request.kind) {
      case "run":
        return this.statements().run(request.sql)
      case "copy":
        await this.statements().copyIn(request.sql, request.rows)
        return null
      case "graph":
        return this.project!.graph()
      case "log":
        if (current?.onLog) current.onLog(request.level, request.message)
        else options.onLog(request.level, request.message, threadId)
        return null
    }
  }

  private statements(): TaskSession {
    if (!this.current) throw new Error("A task of a pool without sessions was given none.")
    return this.current
  }

  run(project: PoolProject, task: NodeTask, graphAdditions: GraphAdditions | null): Promise<TaskAnswer> {
    this.worker.ref()
    this.use(project)
    return new Promise((resolve, reject) => {
      const done = () => {
        this.worker.off("message", onMessage).off("error", onError).off("exit", onExit)
        this.worker.unref()
      }
      const onMessage = (answer: TaskAnswer) => {
        done()
        resolve(answer)
      }
      const onError = (error: unknown) => {
        done()
        reject(error)
      }
      const onExit = (code: number) =>
        onError(new Error(`A thread that ran ${task.node.unique_id} ended with code ${code}.`))
      this.worker.on("message", onMessage).on("error", onError).on("exit", onExit)
      this.tell({ kind: "task", task, graphAdditions })
    })
  }

  async close(): Promise<void> {
    await this.worker.terminate()
    await this.session?.close().catch(() => undefined)
  }
}
