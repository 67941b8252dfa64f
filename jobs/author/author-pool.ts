import type { AuthorPool } from "./author-call.ts"

/** Starts `size` warm children for author code. */
export function createAuthorPool(_options: { size: number; workspaceDir: string; log: PoolLog }): AuthorPool {
  throw new Error("not built yet")
}

/** The process log, as far as the pool needs it (pino satisfies it). */
export interface PoolLog {
  debug(fields: object, message: string): void
  warn(fields: object, message: string): void
}
