import assert from "node:assert/strict"
import { test } from "node:test"
import { type BandRule, expectedBand, placeInBand, type SeriesPoint } from "./expected-band.ts"

const DAY = 86_400_000
const START = Date.UTC(2026, 0, 5)
const RULE: BandRule = {
  method: "seasonal",
  sensitivity: 3.5,
  minPoints: 14,
  lookback: 90,
  minChange: 0.01,
  timezone: "UTC",
  unit: "count",
}

function series(values: readonly number[], stepMs = DAY): SeriesPoint[] {
  return values.map((value, index) => ({ at: START + index * stepMs, value, mark: "plain" }))
}

function bandAfter(values: readonly number[], rule: Partial<BandRule> = {}) {
  const points = series(values)
  const band = expectedBand(points, points.at(-1)!.at + DAY, { ...RULE, ...rule })
  assert.equal(band.kind, "band")
  return band as Extract<typeof band, { kind: "band" }>
}

/** Deterministic: Mulberry32, made normal by Box and Muller. */
function noise(seed: number) {
  let state = seed
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) }
}

test("says how many points are missing before it says anything", () => {
  for (const method of ["seasonal", "zscore"] as const) {
    assert.deepEqual(expectedBand([], START, { ...RULE, method }), { kind: "learning", missing: 14 })
    assert.deepEqual(expectedBand(series([1, 2, 3, 4]), START, { ...RULE, method }), { kind: "learning", missing: 10 })
  }
  assert.equal(expectedBand(series(Array(14).fill(5)), START + 14 * DAY, RULE).kind, "band")
})

test("passes over values that are no numbers", () => {
  const values = [...Array<number>(14).fill(100), Number.NaN, Number.POSITIVE_INFINITY]
  const band = bandAfter(values)
  assert.deepEqual([band.points, band.expected], [14, 100])
})

test("of a constant series a hundredth or one row more is as expected, and more is not", () => {
  for (const method of ["seasonal", "zscore"] as const) {
    const few = bandAfter(Array(20).fill(27), { method })
    assert.deepEqual(
      [26, 27, 28, 30, 20].map((value) => placeInBand(value, few)),
      ["inside", "inside", "inside", "high", "low"],
    )
    const none = bandAfter(Array(20).fill(0), { method })
    assert.deepEqual([none.lower, none.expected, none.upper], [0, 0, 1])
    const share = bandAfter(Array(20).fill(0), { method, unit: "share" })
    assert.deepEqual(
      [0, 0.004, 0.02].map((value) => placeInBand(value, share)),
      ["inside", "inside", "high"],
    )
  }
})

test("the simple rule is the mean and three standard deviations", () => {
  const values = [10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36].map((value) => value * 10)
  const band = bandAfter(values, { method: "zscore", sensitivity: 3, unit: "number" })
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - 230) ** 2, 0) / 13)
  assert.equal(band.expected, 230)
  assert.ok(Math.abs(band.upper - (230 + 3 * deviation)) < 1e-9)
  assert.ok(Math.abs(band.lower - (230 - 3 * deviation)) < 1e-9)
})

test("follows a trend and the weekday", () => {
  const values = Array.from({ length: 42 }, (_, day) => 1000 + 10 * day + (day % 7 >= 5 ? -600 : 0) + (day % 3))
  const friday = bandAfter(values.slice(0, 39))
  assert.equal(friday.season, "weekday")
  assert.ok(Math.abs(friday.expected - 1391) < 25, String(friday.expected))
  const saturday = bandAfter(values.slice(0, 40))
  assert.ok(Math.abs(saturday.expected - 801) < 25, String(saturday.expected))
  assert.equal(placeInBand(1401, saturday), "high")
})

test("of what is measured by the hour, the hour is the season", () => {
  const values = Array.from({ length: 24 * 6 }, (_, hour) => (hour % 24 < 6 ? 20 : 500) + (hour % 5))
  const points = series(values, DAY / 24)
  const band = expectedBand(points, points.at(-1)!.at + DAY / 24, { ...RULE, lookback: 24 * 28 })
  assert.ok(band.kind === "band" && band.season === "hour" && band.upper < 60, JSON.stringify(band))
})

test("of a table that is only ever added to, the next step is expected", () => {
  const random = noise(5)
  let rows = 10_000
  const values = Array.from({ length: 60 }, () => (rows += 1000 + 30 * random.normal()))
  const band = bandAfter(values)
  assert.ok(Math.abs(band.expected - rows - 1000) < 60)
  assert.equal(placeInBand(rows, band), "low", "nothing added")
})

test("where rows are usual, none is unusual, however much they vary", () => {
  const random = noise(7)
  const band = bandAfter(Array.from({ length: 40 }, () => Math.round(50 + 1000 * random.uniform())))
  assert.equal(placeInBand(0, band), "low")
})

test("what was unusual does not widen the band, and becomes usual when it goes on", () => {
  const points = series([...Array<number>(30).fill(100), ...Array<number>(14).fill(500)]).map((point, index) =>
    index >= 30 ? { ...point, mark: "unusual" as const } : point,
  )
  for (const method of ["seasonal", "zscore"] as const) {
    const rule = { ...RULE, method, unit: "number" as const }
    const before = expectedBand(points.slice(0, 40), START + 40 * DAY, rule)
    assert.ok(before.kind === "band" && before.expected === 100 && before.upper < 110)
    const after = expectedBand(points, START + 44 * DAY, rule)
    assert.ok(after.kind === "band" && after.expected === 500)
  }
})

test("what a person called fine is inside from then on", () => {
  const random = noise(3)
  const values = Array.from({ length: 40 }, () => 100 + random.normal())
  values[30] = 160
  for (const method of ["seasonal", "zscore"] as const) {
    const rule = { ...RULE, method, sensitivity: 3 }
    const mark = (as: SeriesPoint["mark"]) =>
      series(values).map((point, index) => (index === 30 ? { ...point, mark: as } : point))
    const before = expectedBand(mark("unusual"), START + 40 * DAY, rule)
    const after = expectedBand(mark("fine"), START + 40 * DAY, rule)
    assert.ok(before.kind === "band" && placeInBand(158, before) === "high")
    assert.ok(after.kind === "band" && placeInBand(158, after) === "inside" && placeInBand(170, after) === "high")
    assert.ok(after.lower > 90, "the other side stays")
  }
})

test("a new level that a person confirmed keeps the season", () => {
  const weekly = (day: number) => (day % 7 >= 5 ? 400 : 1000) + (day % 3)
  const values = Array.from({ length: 42 }, (_, day) => weekly(day) + (day >= 35 ? 5000 : 0))
  for (const known of [36, 38, 41]) {
    const points = series(values.slice(0, known)).map((point, day) =>
      day === 35 ? { ...point, mark: "shift" as const } : point,
    )
    const band = expectedBand(points, START + known * DAY, RULE)
    assert.ok(band.kind === "band")
    assert.equal(placeInBand(values[known]!, band), "inside", `${known}: ${JSON.stringify(band)}`)
    assert.equal(placeInBand(weekly(known), band), "low")
  }
})

/** A year of daily loads, judged as they come; faults in it are planted at known days. */
function judgeYear(seed: number, shape: (day: number) => number, deviation: number, isProportional: boolean) {
  const random = noise(seed)
  const points: SeriesPoint[] = []
  const counts = { hits: 0, missed: 0, falseAlarms: 0, usual: 0 }
  for (let day = 0; day < 365; day++) {
    const level = shape(day)
    const usual = level + deviation * (isProportional ? level / 1000 : 1) * random.normal()
    const isFault = day > 30 && random.uniform() < 0.02
    const value = Math.max(0, Math.round(isFault ? usual * (random.uniform() < 0.5 ? 0.4 : 1.9) : usual))
    const band = expectedBand(points, START + day * DAY, RULE)
    const isFlagged = band.kind === "band" && placeInBand(value, band) !== "inside"
    if (isFault) isFlagged ? counts.hits++ : counts.missed++
    else if (band.kind === "band") isFlagged ? counts.falseAlarms++ : counts.usual++
    points.push({ at: START + day * DAY, value, mark: isFlagged ? "unusual" : "plain" })
  }
  return counts
}

test("finds planted faults in seasonal, growing, noisy series with few false alarms", (context) => {
  const shapes: [string, (day: number) => number, number, boolean][] = [
    ["flat", () => 1000, 40, false],
    ["weekly", (day) => 1000 + (day % 7 >= 5 ? -700 : 0), 40, true],
    ["weekly and growing", (day) => (1000 + 4 * day) * (day % 7 >= 5 ? 0.5 : 1), 50, true],
    ["weekly with additive noise", (day) => 2000 + (day % 7 >= 5 ? -1000 : 0), 40, false],
  ]
  for (const [name, shape, deviation, isProportional] of shapes) {
    const total = { hits: 0, missed: 0, falseAlarms: 0, usual: 0 }
    for (let seed = 1; seed <= 2; seed++) {
      for (const [key, value] of Object.entries(judgeYear(seed * 101, shape, deviation, isProportional))) {
        total[key as keyof typeof total] += value
      }
    }
    const precision = total.hits / (total.hits + total.falseAlarms)
    const recall = total.hits / (total.hits + total.missed)
    const falseRate = total.falseAlarms / (total.falseAlarms + total.usual)
    context.diagnostic(
      `${name}: precision ${precision.toFixed(2)}, recall ${recall.toFixed(2)}, false alarms ${(100 * falseRate).toFixed(2)} % of ${total.falseAlarms + total.usual}`,
    )
    assert.ok(recall >= 0.95, `${name}: recall ${recall}`)
    assert.ok(falseRate <= 0.01, `${name}: ${(100 * falseRate).toFixed(2)} % false alarms`)
  }
})
