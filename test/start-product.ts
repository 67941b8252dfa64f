import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import path from "node:path"
import { readRunningState } from "#lib/server/running-state.ts"
import { freePort } from "../scripts/ports.ts"

const ROOT = path.resolve(import.meta.dirname, "..")

export interface StartedProduct {
  child: ChildProcess
  url: string
  /** All that it printed so far. */
  output(): string
  /** Ids of web server and worker. */
  programs(): number[]
  /** Waits until what it printed matches. @throws Error with the output when it ends before that. */
  prints(pattern: RegExp): Promise<void>
  /** Its exit code once it has ended, or null when it was killed. */
  ended: Promise<number | null>
  /** Sends the signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/**
 * Runs `scripts/start.ts`, as `npm start` does, on a home of its own and a free port, with nothing of the caller's
 * environment but PATH and HOME. It is being started when this returns: wait with `prints(/Headrace is up/)`.
 */
export async function startProduct(
  settings: { homeDir: string } & Record<string, string | number>,
): Promise<StartedProduct> {
  const { homeDir, ...variables } = settings
  const port = variables.HEADRACE_PORT ?? (await freePort())
  const env: NodeJS.ProcessEnv = {
    NODE_ENV: "production",
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    HEADRACE_HOME: homeDir,
    HEADRACE_PORT: String(port),
    ...variables,
  }
  const child = spawn(process.execPath, ["scripts/start.ts"], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk
      child.emit("printed")
    })
  }
  const ended = once(child, "close").then(() => child.exitCode)
  return {
    child,
    url: `http://127.0.0.1:${port}`,
    output: () => output,
    programs: () => readRunningState(homeDir)?.children.map((identity) => Number.parseInt(identity, 10)) ?? [],
    prints(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => pattern.test(output) && resolve()
        look()
        child.on("printed", look)
        void ended.then(() => reject(new Error(`It ended without printing ${pattern}:\n${output}`)))
      })
    },
    ended,
    end(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal)
      return ended
    },
  }
}
