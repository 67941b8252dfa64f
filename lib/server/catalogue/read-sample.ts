import type { DatasetSample } from "#lib/contracts/api/samples.ts"
import { openRows, type RowsPlace, readTexts } from "./open-rows.ts"

/** Some rows of a dataset, whichever the database finds first. @throws AppError `dataset.not_found`, `engine.timeout` */
export async function readSample(place: RowsPlace, limit: number): Promise<DatasetSample> {
  const sample = await openRows(place, async ({ client, table, columns, shown }) => {
    const rows = columns.length === 0 ? [] : await readTexts(client, `select ${shown} from ${table} limit ${limit + 1}`)
    return { columns, rows: rows.slice(0, limit), isCut: rows.length > limit, exists: true }
  })
  return sample ?? { columns: [], rows: [], isCut: false, exists: false }
}
