import { noop, pipeline } from "headrace"

/** Shapes of pipelines whose tasks do nothing, for benchmarks: what is left is the orchestration itself. */
for (let index = 0; index < 100; index++) {
  linear(`linear_10_${index}`, 10)
  tree(`tree_10_${index}`, 10)
}
for (let index = 0; index < 10; index++) linear(`linear_100_${index}`, 100)

/** Ten tasks that are ready at once. */
pipeline({ id: "flat_10", maxActiveRuns: 1_000 }, ({ task }) => {
  for (let index = 0; index < 10; index++) task(`t${index}`, noop())
})

function linear(id: string, length: number): void {
  pipeline({ id, maxActiveRuns: 100 }, ({ task }) => {
    let previous = task("t0", noop())
    for (let index = 1; index < length; index++) previous = task(`t${index}`, noop()).after(previous)
  })
}

/** Each task has two behind it. */
function tree(id: string, size: number): void {
  pipeline({ id, maxActiveRuns: 100 }, ({ task }) => {
    const tasks = [task("t0", noop())]
    for (let index = 1; index < size; index++) {
      tasks.push(task(`t${index}`, noop()).after(tasks[Math.floor((index - 1) / 2)]!))
    }
  })
}
