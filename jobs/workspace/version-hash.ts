import { createHash } from "node:crypto"
import type { Manifest } from "#lib/contracts/manifest.ts"

/** SHA-256 (hex) of manifest and files in one canonical form, in which the order of keys does not matter. */
export function versionHash(manifest: Manifest, files: Record<string, string>): string {
  return createHash("sha256").update(canonicalJson({ manifest, files })).digest("hex")
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) return inner
    return Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
  })
}
