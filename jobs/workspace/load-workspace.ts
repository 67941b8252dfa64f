import type { LoadedWorkspace } from "#lib/contracts/manifest.ts"

/** Reads the author's project in a child process: every good pipeline's manifest, and what is wrong with the others. */
export async function loadWorkspace(
  _dir: string,
  _options: { connections: string[]; timeoutMs?: number },
): Promise<LoadedWorkspace> {
  throw new Error("not built yet")
}
