import type { Expectation, ExpectationOf, ExpectationType } from "#lib/contracts/expectations/registry.ts"
import { didYouMean } from "#lib/domain/closest.ts"
import { COLUMN_PLANS } from "./column-plans.ts"
import { InvalidExpectation } from "./invalid-expectation.ts"
import type { Plan, PlanContext } from "./plan.ts"
import { ROW_PLANS } from "./row-plans.ts"
import type { TableFacts } from "./table-facts.ts"
import { TABLE_PLANS } from "./table-plans.ts"
import { VALUE_PLANS } from "./value-plans.ts"

/** How each kind of expectation is computed on Postgres; the compiler holds it to the registry. */
const PLANS: { [Type in ExpectationType]: (options: ExpectationOf<Type>, context: PlanContext) => Plan } = {
  ...VALUE_PLANS,
  ...ROW_PLANS,
  ...COLUMN_PLANS,
  ...TABLE_PLANS,
}

/** @throws InvalidExpectation where it cannot be asked of this table. */
export function compile(expectation: Expectation, facts: TableFacts): Plan {
  const context: PlanContext = {
    facts,
    where: expectation.where === undefined ? null : `(${expectation.where}\n)`,
    column: (name) => {
      const column = facts.columns.find((one) => one.name === name)
      if (column) return column
      const names = facts.columns.map((one) => one.name)
      throw new InvalidExpectation(`column "${name}" does not exist${didYouMean(name, names).replace(/\.$/, "")}`)
    },
  }
  const plan = PLANS[expectation.type] as (options: Expectation, context: PlanContext) => Plan
  return plan(expectation, context)
}
