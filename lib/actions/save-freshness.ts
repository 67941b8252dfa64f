import { createHash } from "node:crypto"
import { documentedPolicy, toFreshnessPolicy } from "../contracts/quality/to-freshness-policy.ts"
import { parseDuration } from "../domain/duration.ts"
import {
  type DeclaredFreshness,
  readDeclaredFreshness,
  saveFreshnessPolicies,
  saveMonitors,
  type WantedFreshness,
} from "../store/freshness-policies.ts"
import { wakeFreshness } from "../store/notify.ts"
import type { Transaction } from "../store/transaction.ts"

/** How often a table is looked at that no pipeline builds and whose policy names no interval. */
const DEFAULT_MONITOR_MS = 3_600_000

/**
 * Makes what policies and projects say of freshness what is watched, and their monitors. A policy's own section counts before
 * the word of a project.
 */
export async function saveFreshness(transaction: Transaction): Promise<void> {
  const declared = await readDeclaredFreshness(transaction)
  await saveFreshnessPolicies(transaction, declared.flatMap(wantedOf))
  await saveMonitors(transaction, declared.flatMap(monitorOf))
  await wakeFreshness(transaction)
}

function wantedOf({ datasetId, section, documented }: DeclaredFreshness): WantedFreshness[] {
  if (!section && !documented) return []
  const policy = section ? toFreshnessPolicy(section) : documentedPolicy(documented!)
  const hash = createHash("sha256").update(JSON.stringify(policy)).digest("hex")
  const origin = section ? "policy" : "dbt"
  return [{ datasetId, origin, hash, policy, readsData: policy.measure !== "loads" }]
}

function monitorOf({ datasetId, monitor, hasMore, isBuilt }: DeclaredFreshness) {
  if (monitor) return [{ datasetId, everyMs: parseDuration(monitor.every)! }]
  return hasMore && !isBuilt ? [{ datasetId, everyMs: DEFAULT_MONITOR_MS }] : []
}
