import { createHash } from "node:crypto"

/** Made once at random; all of Headrace's lineage ids are names in this space. */
const SPACE = Buffer.from("5b0d7d1c0f3b4a5b9a5e6f2d8c417e93", "hex")

/**
 * A UUID version 5 (RFC 9562, 5.5) of one of our ids: the same for every event of a run, whoever sends it and whenever.
 * `createdAt` tells runs of equal ids apart that came from different databases.
 */
export function lineageRunId(id: { namespace: string; kind: "run" | "task_run"; id: string; createdAt: Date }): string {
  const name = `${id.namespace}/${id.kind}/${id.id}/${id.createdAt.toISOString()}`
  const bytes = createHash("sha1").update(SPACE).update(name).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5")
}
