import { readFileSync } from "node:fs"
import { readFile } from "node:fs/promises"

/** Resident memory of a process in MB, or null where the system does not say (not Linux) or the process is gone. */
export async function residentMb(pid: number | undefined): Promise<number | null> {
  try {
    const status = await readFile(`/proc/${pid}/status`, "utf8")
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
    return kilobytes === undefined ? null : Number(kilobytes) / 1024
  } catch {
    return null
  }
}

/**
 * How many processes the kernel has killed for want of memory since it started, cgroup limits included (`oom_kill` in
 * /proc/vmstat, Linux ≥ 4.13). NaN where it does not say, which differs from itself: a SIGKILL then counts as one.
 */
export function oomKillCount(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1] ?? Number.NaN)
  } catch {
    return Number.NaN
  }
}
