import assert from "node:assert/strict"
import { test } from "node:test"
import { ganttModel } from "./gantt-model.ts"
import { at, attemptOf, runOf, taskRunOf } from "./run-fixture.ts"
import { timeScale } from "./time-scale.ts"

const upstream = new Map<string, string[]>()
const ran = (id: string, from: number, to: number) =>
  taskRunOf(id, { state: "success", readyAt: at(from), attempts: [attemptOf(1, from, to, "success")] })
function scaleOf(...tasks: ReturnType<typeof ran>[]) {
  const end = Math.max(...tasks.map((task) => Date.parse(task.finishedAt!)))
  const model = ganttModel(runOf(tasks, { finishedAt: new Date(end).toISOString() }), upstream, end)
  return timeScale(model, end)
}
const close = (a: number, b: number) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`)

test("is in proportion while tasks run one after the other", () => {
  const scale = scaleOf(ran("a", 0, 50), ran("b", 60, 100))
  assert.deepEqual(scale.breaks, [])
  close(scale.position(Date.parse(at(0))), 0)
  close(scale.position(Date.parse(at(25))), 0.25)
  close(scale.position(Date.parse(at(100))), 1)
})

test("cuts a pause that is longer than the work", () => {
  const scale = scaleOf(ran("a", 0, 50), ran("b", 10_050, 10_100))
  assert.deepEqual(scale.breaks, [{ start: Date.parse(at(50)), end: Date.parse(at(10_050)) }])
  const width = 50 / (50 + 12 + 50)
  close(scale.position(Date.parse(at(50))), width)
  close(scale.position(Date.parse(at(10_050))), 1 - width)
  close(scale.position(Date.parse(at(10_100))), 1)
  assert.deepEqual(
    scale.parts.map((part) => part.share),
    [width, width],
  )
})

test("goes on in proportion beyond its end", () => {
  assert.ok(scaleOf(ran("a", 0, 50)).position(Date.parse(at(60))) > 1)
})
