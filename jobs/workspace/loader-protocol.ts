import type { LoadedPipeline, WorkspaceProblem } from "#lib/contracts/manifest.ts"

/** What the loader's child is asked, as JSON in its first argument. */
export interface LoaderRequest {
  /** Real path of the workspace. */
  dir: string
  connections: string[]
  /** Files to import, relative to the workspace, in order. */
  files: string[]
}

/** What it answers: one JSON object a line on file descriptor 3. */
export type LoaderMessage =
  | { type: "importing"; file: string }
  | { type: "imported"; file: string; pipelines: DeclaredPipeline[]; problems: WorkspaceProblem[] }
  | { type: "end" }

/** A pipeline without problems, and the files it executes from. */
export interface DeclaredPipeline {
  id: string
  line: number | null
  /** Null where it has problems. */
  version: Omit<LoadedPipeline, "hash"> | null
}

export const LOADER_FD = 3
