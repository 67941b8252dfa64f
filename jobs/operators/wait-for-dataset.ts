import {
  datasetId,
  type WaitForDatasetOptions,
  waitForDatasetOptionsSchema,
} from "#lib/contracts/operators/wait-for-dataset.ts"
import { defineWaitingOperator, type OperatorContext } from "./operator.ts"
import { timeoutAt } from "./timeout-at.ts"

/** `waitForDataset`: until a table or a partition was loaded. Outputs: `at`, `runId` and `rows` of that load. */
export const waitForDatasetOperator = defineWaitingOperator({
  name: "waitForDataset",
  options: waitForDatasetOptionsSchema,
  async run(context) {
    const { options, waits, log } = context
    const dataset = datasetId(options.dataset)
    const wanted = { dataset, partitionKey: options.partition, since: sinceOf(context) }
    const load = await waits.findLoad(wanted)
    if (load) {
      log("info", `${dataset} was loaded at ${load.at.toISOString()} by run ${load.runId}.`)
      return { outputs: { at: load.at.toISOString(), runId: load.runId, rows: load.rows } }
    }
    const part = options.partition === null ? "" : `, partition ${options.partition},`
    const since = wanted.since === null ? "" : ` after ${wanted.since.replace(/\.\d+Z$/, "Z")}`
    return {
      wait: {
        kind: "dataset",
        ...wanted,
        expiresAt: timeoutAt(context, options.timeout),
        onTimeout: options.onTimeout,
        text: `Waits until ${dataset}${part} is loaded${since}.`,
      },
    }
  },
})

function sinceOf({ options, run, resume }: OperatorContext<WaitForDatasetOptions>): string | null {
  switch (options.since ?? (options.partition === null ? "interval" : "ever")) {
    case "ever":
      return null
    case "interval":
      return run.intervalEnd
    case "wait":
      return (resume?.since ?? new Date()).toISOString()
  }
}
