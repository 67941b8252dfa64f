import { authorEnvironment } from "#lib/server/config.ts"
import type { AuthorCall, AuthorOutcome, AuthorPool, AuthorSession, AuthorSessionCall } from "./author-call.ts"
import { AuthorProcess } from "./author-process.ts"

/** The process log, as far as the pool needs it (pino satisfies it). */
export interface PoolLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** Memory limit of the warm processes; the SDK's default for tasks. */
const WARM_MEMORY_MB = 512

/** Starts `size` warm children for author code, and keeps that many. */
export function createAuthorPool(options: { size: number; workspaceDir: string; log: PoolLog }): AuthorPool {
  const { size, workspaceDir, log } = options
  const env = authorEnvironment()
  const processes = new Set<AuthorProcess>()
  const idle: AuthorProcess[] = []
  const line: (() => void)[] = []
  let busy = 0
  let isClosed = false

  const start = (memoryMb: number): AuthorProcess => {
    const made = new AuthorProcess({ memoryMb, env, workspaceDir })
    processes.add(made)
    void made.exited.then(() => {
      processes.delete(made)
      const index = idle.indexOf(made)
      if (index >= 0) idle.splice(index, 1)
    })
    return made
  }
  const take = (memoryMb: number): AuthorProcess => {
    if (memoryMb !== WARM_MEMORY_MB) return start(memoryMb)
    for (let found = idle.pop(); found; found = idle.pop()) if (found.isReusable()) return found
    return start(WARM_MEMORY_MB)
  }
  const giveBack = (used: AuthorProcess) => {
    busy -= 1
    const isKept = used.memoryMb === WARM_MEMORY_MB && used.isReusable() && !isClosed
    if (isKept) idle.push(used)
    else {
      used.kill()
      log.debug({ memoryMb: used.memoryMb }, "author process retired")
    }
    if (!isClosed && idle.length + busy < size) idle.push(start(WARM_MEMORY_MB))
    line.shift()?.()
  }

  /** Waits for a slot; false where the wait was cancelled. */
  const enter = async (signal: AbortSignal): Promise<boolean> => {
    if (isClosed || signal.aborted) return false
    if (busy < size) {
      busy += 1
      return true
    }
    return new Promise((resolve) => {
      const onTurn = () => {
        signal.removeEventListener("abort", onAbort)
        if (!isClosed) busy += 1
        resolve(!isClosed)
      }
      const onAbort = () => {
        line.splice(line.indexOf(onTurn), 1)
        resolve(false)
      }
      signal.addEventListener("abort", onAbort, { once: true })
      line.push(onTurn)
    })
  }

  const open = async (call: AuthorSessionCall): Promise<AuthorSession> => {
    if (!(await enter(call.signal))) return deadSession(isClosed)
    const used = take(call.memoryMb)
    const session = used.open(call)
    let closing: Promise<void> | null = null
    return {
      send: (hook, input) => session.send(hook, input),
      close() {
        closing ??= session.close().then(() => giveBack(used))
        return closing
      },
    }
  }

  while (idle.length < size) idle.push(start(WARM_MEMORY_MB))

  return {
    workspaceDir,
    open,
    async run(call: AuthorCall): Promise<AuthorOutcome> {
      const session = await open(call)
      try {
        return await session.send(call.hook, call.input)
      } finally {
        await session.close()
      }
    },
    async close() {
      isClosed = true
      for (const onTurn of line.splice(0)) onTurn()
      for (const each of processes) each.stop("closed")
      await Promise.all([...processes].map((each) => each.exited))
    },
  }
}

/** A session that never got a process. */
function deadSession(isClosed: boolean): AuthorSession {
  const outcome: AuthorOutcome = isClosed
    ? { kind: "killed", exitCode: null, signal: null, detail: "the worker is stopping" }
    : { kind: "cancelled" }
  return { send: async () => outcome, close: async () => {} }
}
