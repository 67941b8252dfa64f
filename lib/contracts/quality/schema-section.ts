import { z } from "zod"
import { columnNameSchema } from "../operators/table-name.ts"

/** What a change of a table's columns means: section `schema` of its policy. */
export const schemaSectionSchema = z.strictObject({
  /** `evolve`: it is recorded. `warn`: breaking changes and a broken contract are warnings; `fail`: they are errors. */
  onChange: z.enum(["evolve", "warn", "fail"]).default("evolve"),
  /** Columns that are promised to readers, by name and, where it is given, type. */
  columns: z
    .array(
      z.union([
        columnNameSchema,
        z.strictObject({
          name: columnNameSchema,
          /** As Postgres spells it, or any of its other names. */
          type: z.string().min(1).max(200).optional(),
        }),
      ]),
    )
    .min(1)
    .max(1_600)
    .optional()
    .transform((columns) => columns?.map((column) => (typeof column === "string" ? { name: column } : column))),
  /** Whether a table may have columns that the contract does not name. */
  allowExtra: z.boolean().default(true),
})
export type SchemaSection = z.output<typeof schemaSectionSchema>
