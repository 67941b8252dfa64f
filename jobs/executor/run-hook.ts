import { unwrapAuthorOutcome } from "#jobs/author/unwrap-author-outcome.ts"
import type { OperatorContext } from "#jobs/operators/operator.ts"
import type { JsonObject } from "#lib/contracts/json.ts"

/** Calls a task's `before` or `after` hook in an author process. A hook that throws fails the attempt. */
export async function runHook(
  context: OperatorContext<unknown>,
  hook: "before" | "after",
  input: JsonObject | null,
): Promise<void> {
  const outcome = await context.author.run({
    codeDir: context.codeDir,
    file: context.manifest.file,
    pipelineId: context.manifest.id,
    taskId: context.task.id,
    hook,
    input,
    run: context.run,
    attemptId: context.attemptId,
    attemptNumber: context.attemptNumber,
    timeoutMs: null,
    memoryMb: context.task.memoryMb,
    signal: context.signal,
    log: context.log,
  })
  unwrapAuthorOutcome(outcome, context.signal)
}
