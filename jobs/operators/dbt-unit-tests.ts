import type pg from "pg"
import { AppError } from "#lib/domain/errors.ts"
import type { UnitTestNode } from "#lib/models/project/node.ts"
import { type DbtContext, runNode } from "./dbt-node.ts"
import type { OpenProject } from "./dbt-projects.ts"

/**
 * Runs unit tests, which say of code and not of data whether it is right: they are no checks of a dataset, and what differs stands in
 * the log. @throws AppError `check.failed` when one does not pass, once all have run
 */
export async function runUnitTests(
  context: DbtContext,
  client: pg.ClientBase,
  open: OpenProject,
  unitTests: readonly UnitTestNode[],
): Promise<void> {
  const failed: UnitTestNode[] = []
  for (const test of unitTests) {
    const outcome = await runNode(context, client, open, test, {})
    const passed = outcome.status === "pass"
    context.log(passed ? "info" : "error", `${passed ? "passed" : "FAILED"}: ${test.name}`)
    if (passed) continue
    failed.push(test)
    for (const line of (outcome.message ?? "").split("\n")) context.log("error", line)
  }
  const [first] = failed
  if (!first) return
  const names = failed.map(({ name }) => name).join(", ")
  throw new AppError(
    "check.failed",
    `${failed.length} of ${unitTests.length} unit tests of ${first.model} failed: ${names}.`,
    { kind: "code", where: `${context.options.project}/${first.original_file_path}` },
  )
}
