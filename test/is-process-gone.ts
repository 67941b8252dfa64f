import { readFile } from "node:fs/promises"

/** True once the process has ended (a zombie that nobody has reaped yet counts), false if it lives on for ten seconds. */
export async function isProcessGone(pid: number): Promise<boolean> {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => null)
    if (stat === null || /\) Z /.test(stat)) return true
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return false
}
