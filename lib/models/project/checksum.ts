import { createHash } from "node:crypto"

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex")
}

export function md5(text: string): string {
  return createHash("md5").update(text).digest("hex")
}

/** The checksum of a file's text without the white space around it, as dbt takes it; a byte order mark is no white space. */
export function fileChecksum(text: string): { name: "sha256"; checksum: string } {
  return { name: "sha256", checksum: sha256(text.startsWith("\uFEFF") ? text.trimEnd() : text.trim()) }
}
