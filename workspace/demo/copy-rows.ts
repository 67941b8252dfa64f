import { Readable } from "node:stream"
import { pipeline } from "node:stream/promises"
import type { ClientBase } from "pg"
import { from as copyFrom } from "pg-copy-streams"
import type { Cell, ShopTable } from "./shop-rows.ts"

/** Characters that go to the server at a time: large enough that the stream's own cost does not show. */
const CHUNK_CHARACTERS = 65_536

/** Loads all rows of a table through COPY, in constant memory; resolves to how many there were. */
export async function copyRows(client: ClientBase, table: ShopTable): Promise<number> {
  let count = 0
  function* chunks(): Iterable<string> {
    let chunk = ""
    for (const row of table.rows()) {
      count++
      chunk += `${row.map(encode).join("\t")}\n`
      if (chunk.length < CHUNK_CHARACTERS) continue
      yield chunk
      chunk = ""
    }
    yield chunk
  }
  const target = client.query(copyFrom(`copy public.${table.name} (${table.columns.join(", ")}) from stdin`))
  await pipeline(Readable.from(chunks()), target)
  return count
}

const ESCAPES: Record<string, string> = { "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r" }

/** A cell in COPY's text format. https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2 */
function encode(cell: Cell): string {
  return cell === null ? "\\N" : String(cell).replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] as string)
}
