/**
 * Upper bounds in seconds of the histogram of run durations; a run above the last is in `+Inf`. Runs are counted into them as
 * they end (`run_counter`), so a bound that is added or taken away holds for later runs alone: change them with a migration.
 */
export const DURATION_BUCKETS: readonly number[] = [0.1, 0.5, 1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 7_200]

/** Upper bounds in seconds of the histogram of how long tasks that could run waited for a worker. */
export const LATENCY_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]
