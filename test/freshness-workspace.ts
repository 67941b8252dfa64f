import { createHash } from "node:crypto"
import { saveWorkspace } from "#lib/actions/save-workspace.ts"
import { datasetPolicySchema, type LoadedPolicy } from "#lib/contracts/quality/dataset-policy.ts"
import { taskResultSchema } from "#lib/contracts/task-result.ts"
import type { RunId } from "#lib/domain/ids.ts"
import { makeManifest } from "./factories.ts"
import type { RunDriver } from "./run-driver.ts"

/** A policy as the loader would give it. */
export function makeDatasetPolicy(datasetId: string, policy: object): LoadedPolicy {
  const parsed = datasetPolicySchema.parse(policy)
  const hash = createHash("sha256").update(JSON.stringify(parsed)).digest("hex")
  return { datasetId, file: "quality/test.yml", line: 1, policy: parsed, hash }
}

/** Makes a workspace current that has the pipeline `load` with one task for each dataset, and these policies. */
export async function savePoliciesOf(driver: RunDriver, policies: Record<string, object>): Promise<void> {
  const manifest = makeManifest({
    id: "load",
    maxActiveRuns: 100,
    tasks: Object.keys(policies).map((id) => ({ id: id.replaceAll(".", "_"), writes: [id] })),
  })
  const hash = createHash("sha256").update(JSON.stringify(manifest)).digest("hex")
  await saveWorkspace(
    driver.store,
    {
      pipelines: [{ manifest, files: {}, hash }],
      policies: Object.entries(policies).map(([id, policy]) => makeDatasetPolicy(id, policy)),
      problems: [],
    },
    new Date(),
  )
}

/** A run of `load` whose first task loads a dataset, or a partition of it. */
export async function loadDataset(
  driver: RunDriver,
  dataset: string,
  partitionKey: string | null = null,
): Promise<RunId> {
  const runId = await driver.trigger("load")
  const [claim] = await driver.claim()
  await driver.finish(claim!, {
    kind: "success",
    result: taskResultSchema.parse({
      materializations: [{ dataset, partitionKey, rowsInserted: 1, durationSeconds: 1 }],
    }),
  })
  return runId
}
