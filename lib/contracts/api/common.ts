import { z } from "zod"

/** Ids travel as decimal strings: they are 64 bits wide. */
export const idSchema = z.string().regex(/^\d{1,19}$/, "an id is a whole number")
export const instantSchema = z.iso.datetime({ offset: true })

/** Cursor paging: `nextCursor` null means this was the last page. Cursors are opaque. */
export function pageOf<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), nextCursor: z.string().nullable() })
}
export interface Page<Item> {
  items: Item[]
  nextCursor: string | null
}
export const pageQuerySchema = z.object({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
})

/** Comma-separated names out of a closed list, as queries carry them. */
export function listOf(names: readonly string[]) {
  return z
    .string()
    .max(500)
    .refine((value) => value.split(",").every((name) => name.trim() === "" || names.includes(name.trim())), {
      error: `expected a comma-separated list of ${names.join(", ")}`,
    })
}

/** RFC 9457. `code` is stable for programs; `detail` is for people and says what to do next. */
export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof problemSchema>
