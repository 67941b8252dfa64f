import assert from "node:assert/strict"
import { test } from "node:test"
import { REAL_RULES, type Rules } from "./rules.ts"
import { type Statistics, simulate } from "./simulate.ts"

/**
 * Thousands of worlds on a virtual clock. A failing seed is in the message; `HEADRACE_SEED=<seed>` replays that world
 * alone, and `HEADRACE_WORLDS` makes the search longer.
 */
const ONLY = process.env.HEADRACE_SEED
const FIRST = Number(ONLY ?? Date.now() % 1_000_000_000)
const WORLDS = ONLY ? 1 : Number(process.env.HEADRACE_WORLDS ?? 2_000)

test(`${WORLDS} worlds keep every promise (seeds from ${FIRST})`, () => {
  const total: Statistics = { runs: 0, attempts: 0, crashes: 0, superseded: 0 }
  for (let seed = FIRST; seed < FIRST + WORLDS; seed++) {
    const world = inWorld(seed, REAL_RULES)
    for (const name of Object.keys(total) as (keyof Statistics)[]) total[name] += world[name]
  }
  // A search that meets nothing of what it is for would prove nothing.
  if (WORLDS > 100) {
    for (const [name, count] of Object.entries(total)) assert(count > WORLDS / 50, `only ${count} ${name}`)
  }
})

test("a seed gives the same world again", () => {
  assert.deepEqual(inWorld(FIRST, REAL_RULES), inWorld(FIRST, REAL_RULES))
})

/** Each is a bug that a system like this has had somewhere; the search must find it soon. */
const BUGS: Record<string, Partial<Rules>> = {
  "a task starts at its first good upstream": {
    decideTrigger: (rule, counts) =>
      rule === "all_success" && counts.success > 0 ? "release" : REAL_RULES.decideTrigger(rule, counts),
  },
  "a skipped upstream counts as failed": {
    decideTrigger: (rule, counts) =>
      REAL_RULES.decideTrigger(rule, { ...counts, failed: counts.failed + counts.skipped, skipped: 0 }),
  },
  "a late end is believed": { isFenced: false },
  "nothing keeps two schedulers from the same tick, and the clock decides what is next": {
    isUnique: false,
    dueRuns: (input) => REAL_RULES.dueRuns({ ...input, lastLogicalAt: new Date(input.now.getTime() - 3_600_000) }),
  },
  "a tick is lost when several are due": {
    dueRuns: (input) => {
      const due = REAL_RULES.dueRuns(input)
      return { ...due, runs: due.runs.length > 1 ? [due.runs.at(-1)!] : due.runs }
    },
  },
  "the limit of active runs is not looked at": { limitsRuns: false },
  "a clear leaves old counts": { recountsAfterClear: false },
  "a ready task gets no ticket": { losesTickets: true },
  "a cancel forgets what waits for a retry": {
    cancels: (state) => state !== "up_for_retry" && REAL_RULES.cancels(state),
  },
}

for (const [name, broken] of Object.entries(BUGS)) {
  test(`the search notices when ${name}`, () => {
    assert.throws(() => {
      for (let seed = 0; seed < 500; seed++) simulate(seed, 150, { ...REAL_RULES, ...broken })
    }, assert.AssertionError)
  })
}

function inWorld(seed: number, rules: Rules): Statistics {
  try {
    return simulate(seed, 150, rules)
  } catch (error) {
    throw new Error(`World ${seed} broke a promise; HEADRACE_SEED=${seed} replays it.`, { cause: error })
  }
}
