import { chmodSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import path from "node:path"
import { z } from "zod"

const runningStateSchema = z.object({
  /** Where the web process answers. */
  url: z.url(),
  /** Of `npm start`, which the others end with. */
  pid: z.int(),
  /** Processes that must not outlive `pid`, as `<pid>:<start time>` because process ids are used again. */
  children: z.array(z.string()),
  /** What programs started alone need in order to join, such as DATABASE_URL. Holds passwords. */
  environment: z.record(z.string(), z.string()),
})

/** What runs in a home folder now, as `npm start` left it there: state.json, readable by its owner alone. */
export type RunningState = z.infer<typeof runningStateSchema>

/** Null when nothing has been started, the file belongs to another user, or it is not ours. It may be out of date. */
export function readRunningState(homeDir: string): RunningState | null {
  try {
    return runningStateSchema.parse(JSON.parse(readFileSync(stateFile(homeDir), "utf8")))
  } catch {
    return null
  }
}

/** Replaces the state in one step, so that a reader sees the old or the new. */
export function writeRunningState(homeDir: string, state: RunningState): void {
  const file = stateFile(homeDir)
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  chmodSync(`${file}.new`, 0o600)
  renameSync(`${file}.new`, file)
}

export function removeRunningState(homeDir: string): void {
  rmSync(stateFile(homeDir), { force: true })
}

function stateFile(homeDir: string): string {
  return path.join(homeDir, "state.json")
}
