import type { PastGate } from "../domain/past.ts"
import type { Manifest } from "./manifest.ts"

const known = new WeakMap<Manifest, ReadonlyMap<string, PastGate>>()

/** A pipeline's tasks that wait for their past, by id. Manifests are kept in memory, so this is made once for each. */
export function pastGatesOf(manifest: Manifest): ReadonlyMap<string, PastGate> {
  let gates = known.get(manifest)
  if (!gates) {
    const gated = manifest.tasks.filter((task) => task.dependsOnPast || task.waitForDownstream)
    gates = new Map(gated.map((task) => [task.id, { withDownstream: task.waitForDownstream }]))
    known.set(manifest, gates)
  }
  return gates
}
