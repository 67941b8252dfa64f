import { noop, pipeline } from "headrace"

// Its hooks say what became of its models, one of which fails.
pipeline({ id: "hooked" }, ({ task, dbt }) => {
  const models = dbt({ schema: "hooked" })
  task("afterwards", noop()).after(models)
})
