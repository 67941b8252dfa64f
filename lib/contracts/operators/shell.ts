import { z } from "zod"
import { workspacePathSchema } from "./workspace-path.ts"

/**
 * Options of `shell`: one command for `bash -c`, run in the folder with the pinned version's files. It sees only a
 * short list of the worker's variables and those in `env`, where references may stand for values.
 */
export const shellOptionsSchema = z.strictObject({
  command: z.string().min(1),
  env: z
    .record(
      z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, "a variable is named by letters, digits and underscores"),
      z.union([z.string(), z.number(), z.boolean()]),
    )
    .default({}),
  /** Folder to run in, relative to the workspace. */
  cwd: workspacePathSchema.optional(),
  /** Workspace files that the command uses, such as its script: they belong to the version that a run pins. */
  files: z.array(workspacePathSchema).default([]),
})
export type ShellOptions = z.output<typeof shellOptionsSchema>

/** A command's datasets are what the task's own `reads` and `writes` say. */
export function shellDatasets(_options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: [] }
}
