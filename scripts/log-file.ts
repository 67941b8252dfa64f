import { closeSync, mkdirSync, openSync, readSync, renameSync, statSync } from "node:fs"
import path from "node:path"

/** A log that grew beyond this is put aside as `<name>.1` when its process starts; one old file is kept. */
const ROTATE_BYTES = 10 * 1024 * 1024

/** Bytes read from the end when the last lines are wanted. */
const TAIL_BYTES = 16 * 1024

/** Opens a log for appending, readable by its owner alone. The caller closes the descriptor. */
export function openLog(file: string): number {
  mkdirSync(path.dirname(file), { recursive: true })
  if (sizeOf(file) > ROTATE_BYTES) renameSync(file, `${file}.1`)
  return openSync(file, "a", 0o600)
}

/** Its size in bytes; 0 when there is none. */
export function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0
}

/** The last lines written after `offset`, at most 16 kB of them. */
export function tail(file: string, offset = 0, lines = 20): string[] {
  const size = sizeOf(file)
  const from = Math.max(offset, size - TAIL_BYTES)
  if (size <= from) return []
  const buffer = Buffer.alloc(size - from)
  const descriptor = openSync(file, "r")
  readSync(descriptor, buffer, 0, buffer.length, from)
  closeSync(descriptor)
  return buffer.toString().trimEnd().split("\n").slice(-lines)
}
