/** Shorter steps say what they did when they are done; longer ones say before that they are at it. */
const ANNOUNCE_AFTER_MS = 1_500

/**
 * Runs one step and prints it with its duration, or with a cross when it fails. Steps may run side by side.
 *
 * @param done says more than `label` where that depends on the result.
 */
export async function step<T>(label: string, work: () => Promise<T>, done?: (result: T) => string): Promise<T> {
  const started = performance.now()
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`
  const announcement = setTimeout(() => say(`  … ${label}`), ANNOUNCE_AFTER_MS)
  try {
    const result = await work()
    say(`  ✔ ${(done?.(result) ?? label).padEnd(44)} ${seconds().padStart(7)}`)
    return result
  } catch (error) {
    if (!isAbort(error)) say(`  ✖ ${label.padEnd(44)} ${seconds().padStart(7)}`)
    throw error
  } finally {
    clearTimeout(announcement)
  }
}

/** One line for the person at the terminal. */
export function say(line = ""): void {
  process.stdout.write(`${line}\n`)
}

/** What failed is another step, or the person stopped everything: this one only was in the way. */
function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError"
}
