import { z } from "zod"
import { jsonObjectSchema } from "../json.ts"
import { workspacePathSchema } from "./workspace-path.ts"

/** A schema as PostgreSQL keeps it whole. */
const schemaNameSchema = z.string().min(1).max(63)

/** What a pipeline says of its dbt project, once for all the tasks that it becomes. */
const projectSettings = {
  /** Folder of dbt_project.yml, relative to the workspace. */
  project: workspacePathSchema.default("dbt"),
  /** `target.schema`: where models go that say nothing else. */
  schema: schemaNameSchema.default("analytics"),
  /** As `--vars`, beside `data_interval_start`, `data_interval_end` and `partition_key`. */
  vars: jsonObjectSchema.default({}),
  /** Builds incremental models and seeds anew. */
  fullRefresh: z.boolean().default(false),
}

/** How a selection of a dbt project becomes tasks. */
export const dbtSelectionSchema = z.strictObject({
  /** In dbt's selection syntax; everything without it. */
  select: z.union([z.string(), z.array(z.string())]).optional(),
  exclude: z.union([z.string(), z.array(z.string())]).optional(),
  /** A selection of selectors.yml. */
  selector: z.string().optional(),
  /** Id of the group; that of the selection where it is one word, else `dbt`. */
  group: z.string().optional(),
  /** Put before the ids of the tasks, where names of models are those of other tasks. */
  prefix: z.string().default(""),
  /**
   * `after`: the tests of a model are a task behind it, which holds up what is built from it, and its unit tests one before it.
   * `within`: they are part of its task. `none`: there are none.
   */
  tests: z.enum(["after", "within", "none"]).default("after"),
  /** Whether the project's on-run-start and on-run-end hooks run around the group. */
  hooks: z.boolean().default(true),
  ...projectSettings,
})
export type DbtSelection = z.output<typeof dbtSelectionSchema>

/** Options of `dbt`: nodes of a project, built and tested in their order, or hooks of its runs. */
export const dbtOptionsSchema = z.strictObject({
  ...projectSettings,
  /** Unique ids: unit tests, a node that is built, and tests; or operations. */
  nodes: z.array(z.string()).min(1),
})
export type DbtOptions = z.output<typeof dbtOptionsSchema>
