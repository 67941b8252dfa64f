/** The parts of a relation's name; a null database is left out. */
export interface RelationParts {
  database: string | null
  schema: string
  identifier: string
}

export type QuotePolicy = Partial<Record<"database" | "schema" | "identifier", unknown>>

/** `"db"."schema"."name"`; a part whose policy is false stands without quotes, and later policies win over earlier ones. */
export function relationName(
  { database, schema, identifier }: RelationParts,
  ...policies: (QuotePolicy | undefined)[]
): string {
  const parts: [keyof QuotePolicy, string | null][] = [
    ["database", database],
    ["schema", schema],
    ["identifier", identifier],
  ]
  return parts
    .filter(([, part]) => part !== null)
    .map(([key, part]) => {
      const policy = policies.findLast((each) => typeof each?.[key] === "boolean")
      return policy?.[key] === false ? part : `"${part}"`
    })
    .join(".")
}
