/**
 * Runs works side by side. When one fails the others are told to stop, and only when all have ended is the first failure
 * thrown: nothing is left running unobserved.
 */
export async function together(signal: AbortSignal, works: ((signal: AbortSignal) => Promise<void>)[]): Promise<void> {
  const controller = new AbortController()
  const either = AbortSignal.any([signal, controller.signal])
  const failures: unknown[] = []
  await Promise.all(
    works.map(async (work) => {
      try {
        await work(either)
      } catch (error) {
        failures.push(error)
        controller.abort()
      }
    }),
  )
  if (failures.length > 0) throw failures[0]
}
