import { z } from "zod"
import { QUALITY_DIMENSIONS } from "../../domain/quality-dimensions.ts"
import { type CheckInput, readExpectation } from "../expectations/read-expectation.ts"
import { type Expectation, entryOf, expectationType } from "../expectations/registry.ts"
import { columnNameSchema } from "../operators/table-name.ts"

/** A file of another tool whose expectations are this table's, too. */
export interface ExpectationFile {
  kind: "suite" | "soda"
  /** Relative to the workspace. */
  path: string
  /** Where the section names it. */
  at: (string | number)[]
}

/** What is expected of a table's rows. */
export interface ExpectationsSection {
  expect: Expectation[]
  files: ExpectationFile[]
  /** How much each dimension counts in the overall score. */
  weights: Partial<Record<(typeof QUALITY_DIMENSIONS)[number], number>>
  /** Columns shown with failing rows; the primary key where there are none. */
  keys: string[]
  /** Columns masked in failing rows, besides those that are tagged. */
  mask: string[]
}

const MAX_EXPECTATIONS = 1_000

const shape = z.strictObject({
  expect: z.array(z.unknown()).max(MAX_EXPECTATIONS).default([]),
  suite: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  soda: z.union([z.string().min(1), z.array(z.string().min(1))]).optional(),
  files: z
    .array(z.strictObject({ kind: z.enum(["suite", "soda"]), path: z.string(), at: z.array(z.any()) }))
    .default([]),
  weights: z.partialRecord(z.enum(QUALITY_DIMENSIONS), z.number().min(0).max(1_000)).default({}),
  keys: z.array(columnNameSchema).max(10).default([]),
  mask: z.array(columnNameSchema).max(1_000).default([]),
  onFail: z.enum(["block", "warn", "quarantine"]).optional(),
})

/**
 * Section `expectations` of a policy: a list of expectations in any way of writing them, in which `{ suite: file.json }` and
 * `{ soda: file.yml }` stand for those of a file; or a map with that list as `expect`, and what holds for all of them. Reading
 * what was read gives the same.
 */
export const expectationsSectionSchema = z
  .custom<CheckInput[] | z.input<typeof shape>>()
  .transform((written, context): ExpectationsSection => {
    const asMap = Array.isArray(written) ? { expect: written } : written
    const parsed = shape.safeParse(asMap)
    const inList = (path: PropertyKey[]) => (Array.isArray(written) && path[0] === "expect" ? path.slice(1) : path)
    if (!parsed.success) {
      for (const issue of parsed.error.issues)
        context.issues.push({ ...issue, path: inList(issue.path), input: written } as never)
      return z.NEVER
    }
    const { expect, suite, soda, files, onFail, ...rest } = parsed.data
    const section: ExpectationsSection = { ...rest, expect: [], files: [...files] }
    for (const path of [suite ?? []].flat()) section.files.push({ kind: "suite", path, at: ["suite"] })
    for (const path of [soda ?? []].flat()) section.files.push({ kind: "soda", path, at: ["soda"] })
    for (const [place, item] of expect.entries()) {
      const at = inList(["expect", place]) as (string | number)[]
      const file = fileOf(item)
      if (file) section.files.push({ ...file, at })
      else {
        for (const one of expanded(item)) {
          const read = readExpectation(withDefault(one, onFail))
          if ("expectation" in read) section.expect.push(read.expectation)
          else {
            for (const { path, message, keys } of read.issues) {
              const text = keys ? `there is no option ${keys.map((key) => `"${key}"`).join(", ")}` : message
              context.issues.push({ code: "custom", path: [...at, ...path], message: text, input: item })
            }
          }
        }
      }
    }
    if (section.expect.length + section.files.length === 0 && context.issues.length === 0) {
      context.issues.push({ code: "custom", path: [], message: "name at least one expectation", input: written })
    }
    return section
  })

function fileOf(item: unknown): Pick<ExpectationFile, "kind" | "path"> | null {
  if (typeof item !== "object" || item === null) return null
  const { suite, soda } = item as Record<string, unknown>
  if (typeof suite === "string") return { kind: "suite", path: suite }
  return typeof soda === "string" ? { kind: "soda", path: soda } : null
}

/** `not_null: [a, b]` says the same of each column. */
function expanded(item: unknown): unknown[] {
  if (typeof item !== "object" || item === null) return [item]
  const [name, ...others] = Object.keys(item).filter((key) => expectationType(key) !== null)
  const value = name === undefined ? undefined : (item as Record<string, unknown>)[name]
  if (name === undefined || others.length > 0 || !Array.isArray(value) || name === "unique") return [item]
  const type = expectationType(name)!
  const options = Object.keys(entryOf(type).options.shape)
  if (!options.includes("column") || options.includes("column_list")) return [item]
  return value.map((column) => ({ ...item, [name]: column }))
}

function withDefault(item: unknown, onFail: string | undefined): unknown {
  if (onFail === undefined || typeof item !== "object" || item === null || "on_fail" in item || "onFail" in item)
    return item
  return { on_fail: onFail, ...item }
}
