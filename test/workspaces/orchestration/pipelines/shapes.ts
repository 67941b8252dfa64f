import { branch, fn, pipeline, shell, shortCircuit } from "headrace"

/** A list mapped in author code, a branch on what came of it, and a short-circuit. */
export const mapped = pipeline({ id: "mapped", maxActiveRuns: 5 }, ({ task, map }) => {
  const list = task(
    "list",
    fn(() => ({ items: ["eu", "us", "nowhere", "jp"] })),
  )
  const load = map(
    "load",
    list.output.items,
    (item) =>
      fn(
        (ctx, inputs) => {
          if (inputs.item === "nowhere") ctx.skip("nothing there")
          return { rows: inputs.item.charCodeAt(0), name: inputs.item.toUpperCase() }
        },
        { inputs: { item } },
      ),
    { maxActive: 2 },
  )
  const names = task(
    "names",
    fn((_ctx, inputs) => ({ names: inputs.names }), { inputs: { names: load.output.name } }),
  )
  const choose = task(
    "choose",
    branch((_ctx, inputs) => (inputs.rows.length > 3 ? "many" : "few"), { inputs: { rows: load.output.rows } }),
  ).after(names)
  const gate = task(
    "many",
    shortCircuit(() => 0),
  ).after(choose)
  task(
    "few",
    fn(() => {}),
  ).after(choose)
  task("never", shell({ command: "exit 1" })).after(gate)
})

/** Work that holds between a set-up and its tear-down. */
export const resource = pipeline({ id: "resource" }, ({ task }) => {
  const create = task("create", shell({ command: "echo made" }))
  const work = task("work", shell({ command: 'echo "holding"; sleep 60' })).after(create)
  task(
    "drop",
    fn((ctx) => ctx.log("dropped")),
  )
    .after(work)
    .teardown(create)
})
