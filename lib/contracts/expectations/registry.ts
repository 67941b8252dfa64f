import { z } from "zod"
import { COLUMN_EXPECTATIONS } from "./column-expectations.ts"
import { type ExpectationEntry, rowOptions, sharedOptions } from "./entry.ts"
import { ROW_EXPECTATIONS } from "./row-expectations.ts"
import { TABLE_EXPECTATIONS } from "./table-expectations.ts"
import { VALUE_EXPECTATIONS } from "./value-expectations.ts"

/**
 * All kinds of expectations, by the names that Great Expectations gave them (docs.greatexpectations.io, "Expectation gallery",
 * 1.x) and with their meanings; those of a name that it does not know are ours. Whatever reads, runs, judges or explains an
 * expectation goes by this list.
 */
export const EXPECTATIONS = {
  ...VALUE_EXPECTATIONS,
  ...ROW_EXPECTATIONS,
  ...COLUMN_EXPECTATIONS,
  ...TABLE_EXPECTATIONS,
}

export type ExpectationType = keyof typeof EXPECTATIONS

type OwnOptions<Type extends ExpectationType> = (typeof EXPECTATIONS)[Type]["options"]
type Shared = z.ZodObject<typeof sharedOptions>
type RowShared = z.ZodObject<typeof rowOptions>

/** One expectation as everything inside sees it. */
export type ExpectationOf<Type extends ExpectationType> = { type: Type } & z.output<OwnOptions<Type>> &
  z.output<Shared> &
  Partial<z.output<RowShared>>
export type Expectation = { [Type in ExpectationType]: ExpectationOf<Type> }[ExpectationType]

/** The same as it is written, defaults left out. */
export type ExpectationInputOf<Type extends ExpectationType> = { type: Type } & z.input<OwnOptions<Type>> &
  z.input<Shared> &
  z.input<RowShared>

export const EXPECTATION_TYPES = Object.keys(EXPECTATIONS) as ExpectationType[]

/** The entry of a kind, free of its own type. */
export function entryOf(type: ExpectationType): ExpectationEntry {
  return EXPECTATIONS[type] as unknown as ExpectationEntry
}

const BY_NAME = new Map<string, ExpectationType>(
  EXPECTATION_TYPES.flatMap((type) => [type, ...entryOf(type).aliases].map((name) => [name, type] as const)),
)
export const EXPECTATION_NAMES = [...BY_NAME.keys()]

/** The kind that a full or short name means; null for none. Suites of before 1.0 of Great Expectations may name classes. */
export function expectationType(name: string): ExpectationType | null {
  return BY_NAME.get(name) ?? BY_NAME.get(snakeCase(name)) ?? null
}

/** `ExpectColumnValuesToNotBeNull` → `expect_column_values_to_not_be_null`. */
function snakeCase(name: string): string {
  return name.replace(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/g, "_").toLowerCase()
}

const schemas = new Map<ExpectationType, z.ZodObject>()

/** Own and shared options of a kind together. */
export function optionsSchemaOf(type: ExpectationType): z.ZodObject {
  const made =
    schemas.get(type) ??
    z.strictObject({
      type: z.literal(type),
      ...entryOf(type).options.shape,
      ...sharedOptions,
      ...(entryOf(type).scope === "rows" && rowOptions),
    })
  schemas.set(type, made)
  return made
}

/** What an expectation says of the data: `email is not null`. */
export function sentenceOf(expectation: Expectation): string {
  return entryOf(expectation.type).sentence(expectation)
}

/** What people see in lists, and what an expectation's history goes by. */
export function nameOf(expectation: Expectation): string {
  return expectation.name ?? sentenceOf(expectation).slice(0, 200)
}

/** The column that an expectation is about; null where it is none, or several. */
export function columnOf(expectation: Expectation): string | null {
  if ("column" in expectation && expectation.column !== undefined) return expectation.column
  return null
}

/** What a failure does to the load. */
export function onFailOf({
  on_fail,
  severity,
}: Pick<Expectation, "on_fail" | "severity">): "block" | "warn" | "quarantine" {
  return on_fail ?? (severity === "warn" ? "warn" : "block")
}
