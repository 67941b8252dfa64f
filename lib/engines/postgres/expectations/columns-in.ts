import type { Expectation } from "#lib/contracts/expectations/registry.ts"

/** Columns that an expectation names. */
export function columnsIn(expectation: Expectation): string[] {
  const options: Record<string, unknown> = expectation
  return ["column", "column_A", "column_B", "column_list", "order_by", "group_by"].flatMap((option) => {
    const value = options[option]
    if (Array.isArray(value)) return value.filter((one) => typeof one === "string")
    return typeof value === "string" ? [value] : []
  })
}
