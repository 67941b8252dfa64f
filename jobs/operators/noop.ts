import { noopOptionsSchema } from "#lib/contracts/operators/noop.ts"
import { defineOperator } from "./operator.ts"

/** Does nothing, successfully. */
export const noopOperator = defineOperator({
  name: "noop",
  options: noopOptionsSchema,
  async run() {
    return {}
  },
})
