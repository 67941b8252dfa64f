import { type ChildProcess, spawn } from "node:child_process"
import { closeSync, readFileSync } from "node:fs"
import { setTimeout as delay } from "node:timers/promises"
import { openLog, sizeOf, tail } from "./log-file.ts"
import { ROOT, shown } from "./paths.ts"
import { messageOf, UserError } from "./user-error.ts"

/** Crashes in a row, each within a minute of its start, after which restarting is given up. */
const MAX_CRASHES = 5
const STABLE_AFTER_MS = 60_000
const FIRST_RESTART_MS = 500

const READY_WITHIN_MS = 60_000

export interface Program {
  name: string
  /** Arguments of Node. The program sends `{ type: "ready" }` once it serves, and loads exit-with-parent.ts. */
  args: string[]
  env: NodeJS.ProcessEnv
  logFile: string
  /** How long it may take to stop after SIGTERM before it is killed. */
  stopWithinMs: number
}

export interface Supervised {
  /** `<pid>:<start time>` of the process, for {@link killLeftovers}. */
  identity(): string
  /** Stops it and starts it again, for a change of code; if it does not start, the next restart may. */
  restart(): Promise<void>
  /** SIGTERM, and SIGKILL to it and all its children when it takes too long. Safe to call again. */
  stop(): Promise<void>
  /** SIGKILL at once. */
  kill(): void
}

/**
 * Starts a program and resolves once it is ready. When it ends by itself later it is started again, with growing pauses;
 * after five crashes in a row `onGivenUp` is called. It ends when this process ends, in whatever way (exit-with-parent.ts).
 *
 * @param signal gives up starting; it has no effect once the program is ready.
 * @throws UserError with the last words of its log when it ends, or takes a minute, before it is ready.
 */
export async function supervise(
  program: Program,
  signal: AbortSignal,
  on: { notice: (line: string) => void; changed: () => void; givenUp: (reason: string) => void },
): Promise<Supervised> {
  const ending = new AbortController()
  let stopping: Promise<void> | null = null
  /** A replacement under way, which `stop` must wait for. */
  let replacing: Promise<void> = Promise.resolve()
  let crashes = 0
  let current = await launch(program, signal)
  watch()

  function watch(): void {
    const started = Date.now()
    const watched = current
    watched.child.once("exit", () => {
      if (stopping || watched !== current) return
      crashes = Date.now() - started > STABLE_AFTER_MS ? 1 : crashes + 1
      replacing = recover(`The ${program.name} ended unexpectedly (${watched.outcome()})`)
    })
  }

  async function recover(reason: string): Promise<void> {
    for (; crashes <= MAX_CRASHES; crashes++) {
      on.notice(`${reason}: starting it again.`)
      try {
        await delay(FIRST_RESTART_MS * 2 ** (crashes - 1), undefined, { signal: ending.signal })
        await replace()
        return on.notice(`The ${program.name} runs again.`)
      } catch (error) {
        if (stopping) return
        reason = messageOf(error)
      }
    }
    on.givenUp(`${reason}, ${crashes} times now: see ${shown(program.logFile)}.`)
  }

  async function replace(): Promise<void> {
    current = await launch(program, ending.signal)
    on.changed()
    watch()
  }

  return {
    identity: () => processIdentity(current.child.pid ?? 0),
    restart() {
      replacing = replacing.then(async () => {
        if (stopping) return
        const previous = current
        current = { ...previous } // Watched by nobody, so that its end counts as no crash.
        await previous.stop()
        await replace().catch((error) => {
          if (!stopping) on.notice(messageOf(error)) // The next edit mends it.
        })
      })
      return replacing
    },
    stop() {
      stopping ??= (async () => {
        ending.abort()
        await replacing
        await current.stop()
      })()
      return stopping
    },
    kill() {
      stopping ??= Promise.resolve()
      signalGroup(current.child, "SIGKILL")
    },
  }
}

interface Launched {
  child: ChildProcess
  outcome(): string
  stop(): Promise<void>
}

async function launch(program: Program, signal: AbortSignal): Promise<Launched> {
  signal.throwIfAborted()
  const log = openLog(program.logFile)
  const offset = sizeOf(program.logFile)
  const child = spawn(process.execPath, program.args, {
    cwd: ROOT,
    env: program.env,
    stdio: ["ignore", log, log, "ipc"],
    // A group of its own: Ctrl-C in the terminal reaches us alone, and its children can be killed with it.
    detached: true,
  })
  closeSync(log)
  let outcome = "no outcome"
  const exited = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      outcome = error.message
      resolve()
    })
    child.once("exit", (code, signal) => {
      outcome = signal ?? `exit code ${code}`
      resolve()
    })
  })
  const ready = new Promise<boolean>((resolve) => {
    child.on("message", (message) => {
      if (typeof message === "object" && message !== null && "type" in message && message.type === "ready")
        resolve(true)
    })
    void exited.then(() => resolve(false))
  })
  const deadline = AbortSignal.timeout(READY_WITHIN_MS)
  const enough = AbortSignal.any([signal, deadline])
  const giveUp = () => signalGroup(child, "SIGKILL") // It has taken no task yet that would need an orderly end.
  enough.addEventListener("abort", giveUp)
  const isReady = await ready
  enough.removeEventListener("abort", giveUp)
  signal.throwIfAborted()
  if (!isReady) throw new UserError(startFailure(program, outcome, tail(program.logFile, offset)))
  return {
    child,
    outcome: () => outcome,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill("SIGTERM")
      const timeout = setTimeout(() => signalGroup(child, "SIGKILL"), program.stopWithinMs)
      await exited
      clearTimeout(timeout)
    },
  }
}

/** Ends processes that an earlier, killed start left behind, with their children. */
export async function killLeftovers(identities: string[]): Promise<void> {
  for (const identity of identities) {
    const pid = Number.parseInt(identity, 10)
    if (pid < 2 || processIdentity(pid) !== identity) continue
    const deadline = Date.now() + 3_500 // They notice by themselves (exit-with-parent.ts); this is for one that hangs.
    while (processIdentity(pid) === identity) {
      if (Date.now() > deadline) signalGroup({ pid }, "SIGKILL")
      await delay(20)
    }
  }
}

function processIdentity(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ")
    return fields[0] === "Z" ? "" : `${pid}:${fields[19]}` // proc(5): field 22, starttime
  } catch {
    return ""
  }
}

function signalGroup({ pid }: { pid?: number | undefined }, signal: NodeJS.Signals): void {
  try {
    if (pid) process.kill(-pid, signal)
  } catch {
    // Gone already.
  }
}

/** The last line that says something, out of JSON where the log is JSON. */
function startFailure(program: Program, outcome: string, lines: string[]): string {
  if (lines.some((line) => /ENOSPC|No space left on device/.test(line))) {
    return "The disk is full: free some space and start again."
  }
  const texts = lines.map(textOf).filter((text) => text !== "" && !/^\s*at |^Node\.js v|^\s*\^|^[\s}\])]*$/.test(text))
  const last = texts.findLast((text) => /error|cannot|must|failed/i.test(text)) ?? texts.at(-1) ?? outcome
  return `The ${program.name} did not start: ${last} (${outcome}; more in ${shown(program.logFile)})`
}

function textOf(line: string): string {
  try {
    const entry = JSON.parse(line) as { msg?: unknown }
    return typeof entry.msg === "string" ? entry.msg : ""
  } catch {
    return line
  }
}
