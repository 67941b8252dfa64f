/**
 * Pressed twice, Ctrl-C means at once. Signals closer together than this are one: npm passes on what the terminal has sent
 * to all of us already.
 */
const SAME_PRESS_MS = 1_000
const PARENT_LOOK_MS = 1_000

/** Calls `stop` at the first SIGINT, SIGTERM or SIGHUP, or when the npm that runs us is gone; `force` at the second. */
export function onStopSignals(stop: (reason: string) => void, force: () => void): void {
  let first: number | null = null
  const request = (reason: string) => {
    if (first === null) {
      first = Date.now()
      stop(reason)
    } else if (Date.now() - first > SAME_PRESS_MS) force()
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => request(signal))
  if (process.env.npm_lifecycle_event === undefined) return
  const parent = process.ppid
  const look = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(look)
    request("npm is gone")
  }, PARENT_LOOK_MS)
  look.unref()
}
