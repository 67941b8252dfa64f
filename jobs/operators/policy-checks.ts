import type pg from "pg"
import type { CheckOutcome, TaskResultInput } from "#lib/contracts/task-result.ts"
import type { RowScope } from "#lib/engines/postgres/row-scope.ts"
import type { OperatorContext } from "./operator.ts"
import { gateError, runChecks } from "./run-checks.ts"

type CheckContext = Pick<OperatorContext<unknown>, "policies" | "log" | "run">

/** What of a table was loaded, where it was not all of it. */
export interface LoadedPart {
  table: string
  scope: RowScope | null
  partitionKey: string | null
}

/**
 * Checks what policies expect of the tables of the warehouse that a task has just written, inside the transaction that
 * publishes them: a blocking failure throws, so that the old data stays; rows to be quarantined are moved before anybody sees
 * them. Returns the task's result with the outcomes of all its checks.
 */
export async function withPolicyChecks(
  context: CheckContext,
  client: pg.ClientBase,
  result: TaskResultInput,
  part: LoadedPart | null = null,
): Promise<TaskResultInput> {
  const written = new Set((result.materializations ?? []).map(({ dataset }) => dataset))
  let checked = result
  for (const dataset of [...written].sort()) {
    const table = /^warehouse\.([^.]+\.[^.]+)$/.exec(dataset)?.[1]
    if (table) checked = await checkOne(context, client, checked, table, part?.table === table ? part : null)
  }
  return checked
}

async function checkOne(
  context: CheckContext,
  client: pg.ClientBase,
  result: TaskResultInput,
  table: string,
  part: LoadedPart | null,
): Promise<TaskResultInput> {
  const dataset = `warehouse.${table}`
  const { section, masks } = await context.policies.of(dataset)
  if (!section || section.expect.length === 0) return result
  const own = (result.checks ?? []) as CheckOutcome[]
  const checked = await runChecks(client, table, section.expect, context.log, {
    scope: part?.scope ?? null,
    partitionKey: part?.partitionKey ?? null,
    isInTransaction: true,
    quarantine: { runId: context.run.runId },
    weights: section.weights,
    keys: section.keys,
    masks,
  })
  // What the task asks itself stays under its name; the same asked by the policy too would be a second result of one check.
  const asked = new Set(own.filter((check) => check.dataset === dataset).map(({ name }) => name))
  const checks = [...own, ...checked.checks.filter(({ name }) => !asked.has(name))]
  const complete = { ...result, checks, materializations: withQuarantined(result, dataset, checked.checks) }
  const error = gateError(table, checked, { checks })
  if (error) throw error
  return complete
}

/** Rows that were set aside are not in the table: they count as rejected. */
function withQuarantined(
  { materializations = [] }: TaskResultInput,
  dataset: string,
  checks: readonly { details?: { [key: string]: unknown } | null | undefined }[],
): NonNullable<TaskResultInput["materializations"]> {
  const moved = Number(checks.find(({ details }) => details?.movedInAll !== undefined)?.details?.movedInAll ?? 0)
  if (moved === 0) return materializations
  const first = materializations.findIndex((one) => one.dataset === dataset)
  return materializations.map((one, place) =>
    place === first ? { ...one, rowsRejected: (one.rowsRejected ?? 0) + moved } : one,
  )
}
