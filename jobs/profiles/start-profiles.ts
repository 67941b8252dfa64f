import type { Logger } from "pino"
import { profileSectionSchema } from "#lib/contracts/quality/profile-section.ts"
import { parseDuration } from "#lib/domain/duration.ts"
import { toFailure } from "#lib/domain/errors.ts"
import { profileDue } from "#lib/domain/profile/profile-due.ts"
import type { Connections } from "#lib/server/connections.ts"
import { PROFILE_TIMEOUT_MS, profileDataset } from "#lib/server/quality/profile-dataset.ts"
import type { Store } from "#lib/store/client.ts"
import {
  askForProfile,
  type ClaimedProfile,
  claimProfile,
  finishProfile,
  readProfilePolicies,
  releaseProfile,
} from "#lib/store/profiles.ts"
import { Loop } from "../scheduler/loop.ts"

export interface Profiles {
  /** Somebody may have asked for one. */
  wake(): void
  /** Begins nothing more; what is under way is cut off and handed back. */
  stop(): Promise<void>
}

const POLL_MS = 15_000
/** Longer than any profile may take. */
const LEASE_MS = PROFILE_TIMEOUT_MS.all + 60_000

/**
 * Makes the profiles that are asked for, by people or by policies, one at a time in each worker: what a policy wants after
 * loads or every so often is asked for here, once for all workers.
 */
export function startProfiles(parts: {
  store: Store
  /** With sessions of its own, so that it waits for no task. */
  connections: Connections
  log: Pick<Logger, "info" | "warn">
}): Profiles {
  const { store, connections, log } = parts
  const stopping = new AbortController()
  const loop = new Loop({
    everyMs: POLL_MS,
    step: async () => {
      await askForDue(store, new Date())
      for (;;) {
        const claimed = stopping.signal.aborted ? null : await claimProfile(store.pool, LEASE_MS)
        if (!claimed) return null
        await make(claimed)
      }
    },
    onError: (error) => log.warn({ loop: "profiles", error: String(error) }, "loop step failed"),
  })

  async function make(claimed: ClaimedProfile): Promise<void> {
    const { id, datasetId } = claimed
    try {
      const found = await profileDataset({ store, connections, signal: stopping.signal }, claimed)
      await finishProfile(store.pool, id, { state: "done", ...found })
    } catch (error) {
      if (stopping.signal.aborted) return releaseProfile(store.pool, id)
      const { code, message } = toFailure(error)
      log.warn({ dataset: datasetId, code, error: message }, "profile failed")
      await finishProfile(store.pool, id, { state: "failed", message })
    }
  }

  loop.wake()
  return {
    wake: () => loop.wake(),
    async stop() {
      stopping.abort(new Error("The worker is stopping."))
      await loop.stop()
    },
  }
}

/** Asks for what the policies want by now. */
async function askForDue(store: Store, now: Date): Promise<void> {
  for (const { datasetId, section, askedAt, loadedAt } of await readProfilePolicies(store.pool)) {
    const policy = profileSectionSchema.safeParse(section).data
    if (!policy) continue
    const everyMs = policy.every === undefined ? null : parseDuration(policy.every)
    const cause = profileDue({ everyMs, isAfterLoad: policy.after === "load", askedAt, loadedAt }, now)
    const sample = policy.sample === "all" ? null : policy.sample
    if (cause) await askForProfile(store.pool, { datasetId, sample, cause, actor: "headrace" })
  }
}
