import { createHash } from "node:crypto"

/** PostgreSQL cuts longer names off. */
export const LONGEST_IDENTIFIER = 63

const DIGEST_LENGTH = 8

/**
 * A name with something behind it, within what PostgreSQL keeps: one that would be too long is cut, and a digest of all of it
 * stands in for the rest, so that names with the same beginning stay apart.
 */
export function suffixedName(name: string, suffix: string): string {
  const room = LONGEST_IDENTIFIER - Buffer.byteLength(suffix)
  if (Buffer.byteLength(name) <= room) return name + suffix
  const digest = createHash("md5").update(name).digest("hex").slice(0, DIGEST_LENGTH)
  return `${cut(name, room - DIGEST_LENGTH - 1)}_${digest}${suffix}`
}

/** The longest beginning of whole characters within so many bytes. */
function cut(name: string, bytes: number): string {
  let kept = ""
  let length = 0
  for (const character of name) {
    length += Buffer.byteLength(character)
    if (length > bytes) break
    kept += character
  }
  return kept
}
