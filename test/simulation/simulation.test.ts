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
const WORLDS = ONLY ? 1 : Number(process.env.HEADRACE_WORLDS ?? 1_000)

test(`${WORLDS} worlds keep every promise (seeds from ${FIRST})`, () => {
  const total: Record<string, number> = {}
  for (let seed = FIRST; seed < FIRST + WORLDS; seed++) {
    for (const [name, count] of Object.entries(inWorld(seed, REAL_RULES))) total[name] = (total[name] ?? 0) + count
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
  "tasks go past one that needs more slots": {
    decideAdmission: (candidates, limits) => {
      // Each is asked for by itself, so nobody closes a limit for those behind.
      const decision: ReturnType<typeof REAL_RULES.decideAdmission<(typeof candidates)[number]>> = {
        admitted: [],
        waiting: [],
      }
      const used = new Map([...limits].map(([id, state]) => [id, { ...state }]))
      for (const candidate of candidates) {
        const { admitted, waiting } = REAL_RULES.decideAdmission([candidate], used)
        for (const { slots } of admitted) for (const share of slots) used.get(share.id)!.used += share.slots
        decision.admitted.push(...admitted)
        decision.waiting.push(...waiting)
      }
      return decision
    },
  },
  "what is used of a limit is not looked at": {
    decideAdmission: (candidates, limits) =>
      REAL_RULES.decideAdmission(candidates, new Map([...limits].map(([id, state]) => [id, { ...state, used: 0 }]))),
  },
  "waiting lends no weight": { queuePriority: (priority) => priority },
  "a deferred task keeps its slots": { freesSlots: (state) => state !== "deferred" },
  "a wait in vain never ends, and is looked at for ever": { endsVainWaits: false },
  "a branch takes every way": { branchSkips: () => ({ kind: "skips", skips: [] }) },
  "a decision does not hold for what is cleared later": { choicesStand: false },
  "a tear-down waits for its own upstreams alone": {
    planTasks: (tasks, pipeline) =>
      REAL_RULES.planTasks(
        tasks.map(({ teardownOf: _, ...task }) => task),
        pipeline ?? null,
      ),
  },
  "a mapped task ends with its first instance": {
    judgeInstances: (counts, tolerance) => {
      const ended = counts.success + counts.failed + counts.skipped
      return REAL_RULES.judgeInstances({ ...counts, total: ended || counts.total }, tolerance)
    },
  },
  "places of instances that ended are not given on": {
    freePlaces: (maxActive, active, waiting) => (active === 0 ? REAL_RULES.freePlaces(maxActive, active, waiting) : 0),
  },
  "instances take more places than there are": { freePlaces: (_maxActive, _active, waiting) => waiting },
}

for (const [name, broken] of Object.entries(BUGS)) {
  test(`the search notices when ${name}`, () => {
    assert.throws(() => {
      for (let seed = 0; seed < 2_000; seed++) simulate(seed, 150, { ...REAL_RULES, ...broken })
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
