import { z } from "zod"
import { columnNameSchema, datasetIds, orderedColumnsSchema, tableNameSchema } from "./table-name.ts"
import { workspacePathSchema } from "./workspace-path.ts"

/**
 * A CSV file of at most this many bytes belongs to the version that a run pins, as SQL files do. A larger one stays in the
 * workspace's folder and is read from there as it is when the task runs: versions are kept for ever, data is not.
 */
export const MAX_PINNED_DATA_BYTES = 256 * 1024

const oneLine = /^[^\r\n\0]*$/

/** Options of `loadCsv`: a CSV file of the workspace (RFC 4180, UTF-8) into a table of the warehouse. */
export const loadCsvOptionsSchema = z
  .strictObject({
    /** Path of the file, relative to the workspace. */
    file: workspacePathSchema,
    into: tableNameSchema,
    /** The file's columns in the file's order, with the types they get in the table. */
    columns: orderedColumnsSchema,
    /** What tells rows apart: a row without a key, or with that of a row before it, is refused. Needed by `merge`. */
    keys: z.array(columnNameSchema).default([]),
    /** `replace` makes the table hold the file's rows alone, `merge` updates and inserts by keys and deletes nothing. */
    write: z.enum(["replace", "merge"]).default("replace"),
    /** One ASCII character: `","`, `";"`, `"\t"`. */
    delimiter: z
      .string()
      .regex(/^[\t\x20-\x21\x23-\x7e]$/, "a delimiter is one ASCII character other than a double quote")
      .default(","),
    /** What stands for null where it is not in quotes; the empty field, unless said otherwise. */
    nullText: z.string().regex(oneLine, "the text for null is one line").default(""),
    /** The first row holds the columns' names, which must be those of `columns` in the same order. */
    header: z.boolean().default(true),
    encoding: z.literal("utf8").default("utf8"),
    /** A row that does not fit fails the task, and the table stays as it was. */
    onInvalid: z.literal("fail").default("fail"),
  })
  .superRefine((options, context) => {
    const problem = (option: string, message: string) => context.addIssue({ code: "custom", path: [option], message })
    const columns = Object.keys(options.columns)
    const unknown = options.keys.find((key) => !columns.includes(key))
    if (unknown !== undefined) problem("keys", `key "${unknown}" is not among the columns`)
    if (options.write === "merge" && options.keys.length === 0) problem("keys", "merge needs keys")
    const reserved = columns.find((column) => column.startsWith("_headrace_"))
    if (reserved) problem("columns", `"${reserved}": _headrace_… is reserved`)
    if (options.nullText.includes(options.delimiter) || options.nullText.includes('"')) {
      problem("nullText", "the text for null holds neither the delimiter nor a double quote")
    }
  })
export type LoadCsvOptions = z.output<typeof loadCsvOptionsSchema>

/** Datasets named in the options of `loadCsv`; a file is none. */
export function loadCsvDatasets(options: Record<string, unknown>): { reads: string[]; writes: string[] } {
  return { reads: [], writes: datasetIds("warehouse", options.into) }
}
