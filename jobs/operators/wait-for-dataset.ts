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
    const since = sinceOf(context)
    let outputs = {}
    // One after another: the task looks at all of them again when a wait is over.
    for (const partitionKey of partitionsOf(context)) {
      const load = await waits.findLoad({ dataset, partitionKey, since })
      const part = partitionKey === null ? "" : `, partition ${partitionKey},`
      if (!load) {
        const after = since === null ? "" : ` after ${since.replace(/\.\d+Z$/, "Z")}`
        return {
          wait: {
            kind: "dataset",
            dataset,
            partitionKey,
            since,
            expiresAt: timeoutAt(context, options.timeout),
            onTimeout: options.onTimeout,
            text: `Waits until ${dataset}${part} is loaded${after}.`,
          },
        }
      }
      log("info", `${dataset}${part} was loaded at ${load.at.toISOString()} by run ${load.runId}.`)
      outputs = { at: load.at.toISOString(), runId: load.runId, rows: load.rows }
    }
    return { outputs }
  },
})

/** The run's own partition means all that the run loads. */
function partitionsOf({ options, run }: OperatorContext<WaitForDatasetOptions>): readonly (string | null)[] {
  return options.partition !== null && options.partition === run.partitionKey ? run.partitionKeys : [options.partition]
}

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
