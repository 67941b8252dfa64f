import type pg from "pg"
import { type ExpectationsSection, expectationsSectionSchema } from "#lib/contracts/quality/expectations-section.ts"
import type { IsMasked } from "#lib/quality/check-table.ts"
import { readTableEdges } from "#lib/store/read/lineage.ts"
import { readExpectationsSection } from "#lib/store/read/policy-expectations.ts"
import { columnCatalogue } from "../catalogue/column-catalogue.ts"
import { maskedColumns } from "../catalogue/masked-columns.ts"

/** What the workspace says of checking a dataset. */
export interface TablePolicy {
  /** Null: its policy expects nothing, or it has none. */
  section: ExpectationsSection | null
  /** Which of its columns are masked wherever rows are shown: by tags, their own or inherited, and by the policy. */
  masks(): Promise<IsMasked>
}

export interface TablePolicies {
  of(datasetId: string): Promise<TablePolicy>
}

/** Policies as the store has them now. */
export function createTablePolicies(pool: pg.Pool): TablePolicies {
  return {
    async of(datasetId) {
      const stored = await readExpectationsSection(pool, datasetId)
      const section = stored === null ? null : (expectationsSectionSchema.safeParse(stored).data ?? null)
      return { section, masks: () => masksOf(pool, datasetId, section?.mask ?? []) }
    },
  }
}

/** For where nothing is declared. */
export const NO_POLICIES: TablePolicies = {
  of: async () => ({ section: null, masks: async () => () => false }),
}

async function masksOf(pool: pg.Pool, datasetId: string, mask: readonly string[]): Promise<IsMasked> {
  const [catalogue, edges] = await Promise.all([columnCatalogue(pool), readTableEdges(pool)])
  const tagOf = maskedColumns(datasetId, catalogue, edges)
  return (column) => mask.includes(column) || tagOf(column) !== null
}
