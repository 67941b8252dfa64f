import { createHash } from "node:crypto"

/** The longest id of a task. */
export const MAX_TASK_ID = 100

/** Letters, digits, `_` and `-`, as ids of tasks are; what is cut off is told apart by a hash. */
export function fitTaskId(name: string, length = MAX_TASK_ID): string {
  const plain = name.replace(/[^A-Za-z0-9_-]/g, "_").replace(/^[^A-Za-z]/, "m$&")
  if (plain.length <= length) return plain
  return `${plain.slice(0, length - 9)}_${createHash("md5").update(name).digest("hex").slice(0, 8)}`
}
