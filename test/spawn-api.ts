import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import path from "node:path"

export interface ApiProcess {
  child: ChildProcess
  /** Of /api/v1. */
  url: string
  output(): string
  stop(): Promise<void>
}

/** Starts a process that answers the API, as the web process does. */
export async function startApi(env: Record<string, string>): Promise<ApiProcess> {
  const child = fork(path.join(import.meta.dirname, "api-process.ts"), {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // The cast: Next's types claim that NODE_ENV is always set.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env } as unknown as NodeJS.ProcessEnv,
  })
  let output = ""
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-200_000)
  }
  child.stdout?.on("data", keep)
  child.stderr?.on("data", keep)
  const [message] = (await Promise.race([
    once(child, "message"),
    once(child, "exit").then(() => Promise.reject(new Error(`the API process ended:\n${output}`))),
  ])) as [{ url: string }]
  return {
    child,
    url: `${message.url}/api/v1`,
    output: () => output,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const exited = once(child, "exit")
      child.kill()
      await exited
    },
  }
}
