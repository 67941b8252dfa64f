import { z } from "zod"

/** A path of the workspace, relative to its root and inside it. Links are followed, and checked, where it is opened. */
export const workspacePathSchema = z
  .string()
  .min(1)
  .refine(
    (path) => !path.startsWith("/") && !path.split("/").includes("..") && !path.includes("\0"),
    "a path is relative to the workspace and stays inside it",
  )
