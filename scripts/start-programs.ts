import path from "node:path"
import type { Config } from "#lib/server/config.ts"
import { say, step } from "./steps.ts"
import { type Program, type Supervised, supervise } from "./supervise.ts"
import { together } from "./together.ts"
import { watchWorkerSources } from "./watch-sources.ts"

/** A web server has nothing to finish. A worker hands back what it cannot finish in its drain time, which takes moments. */
const WEB_STOP_MS = 3_000
const WORKER_HAND_BACK_MS = 5_000

export interface Programs {
  /** Identities of the processes that run now, for `killLeftovers`. */
  identities(): string[]
  /** The worker first, so that its last words still reach the pages. */
  stop(): Promise<void>
  kill(): void
}

/**
 * Starts web server and worker side by side and resolves once both serve; later crashes are mended by restarts.
 *
 * @param on.changed a process was replaced.
 * @throws UserError with the last words of the one that did not start; the other is stopped again.
 */
export async function startPrograms(
  config: Config,
  env: NodeJS.ProcessEnv,
  isWatching: boolean,
  signal: AbortSignal,
  on: { changed: () => void; givenUp: (reason: string) => void },
): Promise<Programs> {
  const logFile = (name: string) => path.join(config.homeDir, `logs/${name}.log`)
  const start = (program: Omit<Program, "env">, signal: AbortSignal) =>
    supervise({ ...program, env }, signal, { ...on, notice: (line) => say(`  ${line}`) })
  let web: Supervised | undefined
  let worker: Supervised | undefined
  let unwatch = () => {}
  const programs: Programs = {
    identities: () => [web, worker].flatMap((program) => program?.identity() ?? []),
    async stop() {
      unwatch()
      await worker?.stop()
      await web?.stop()
    },
    kill() {
      worker?.kill()
      web?.kill()
    },
  }
  try {
    await together(signal, [
      async (signal) => {
        const args = ["scripts/web.ts", ...(isWatching ? ["--dev"] : [])]
        const program = { name: "web server", args, logFile: logFile("web"), stopWithinMs: WEB_STOP_MS }
        web = await step("Web server answers", () => start(program, signal))
      },
      async (signal) => {
        const stopWithinMs = config.drainMs + WORKER_HAND_BACK_MS
        const program = {
          name: "worker",
          args: ["--import", "./scripts/exit-with-parent.ts", "jobs/worker.ts"],
          logFile: logFile("worker"),
          stopWithinMs,
        }
        worker = await step("Worker takes tasks", () => start(program, signal))
      },
    ])
  } catch (error) {
    await programs.stop()
    throw error
  }
  if (isWatching) unwatch = watchWorkerSources(() => void worker?.restart())
  return programs
}
