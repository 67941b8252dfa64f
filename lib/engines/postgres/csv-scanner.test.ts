import assert from "node:assert/strict"
import { describe, it } from "node:test"
import { AppError } from "#lib/domain/errors.ts"
import { CsvScanner } from "./csv-scanner.ts"

/** Rows that the scanner saw, and what it passed on; the file comes in pieces of `size` bytes. */
async function scan(text: string, size: number): Promise<{ rows: number; passed: string }> {
  const bytes = Buffer.from(text)
  async function* pieces() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
  }
  const scanner = new CsvScanner("a.csv")
  const passed: Buffer[] = []
  for await (const piece of scanner.follow(pieces())) passed.push(piece)
  return { rows: scanner.rows, passed: Buffer.concat(passed).toString() }
}

describe("CsvScanner", () => {
  const files: [string, string, number][] = [
    ["lines that end as on Unix", "a,b\n1,2\n", 2],
    ["lines that end as on Windows", "a,b\r\n1,2\r\n", 2],
    ["lines that end as on an old Mac", "a,b\r1,2\r", 2],
    ["a last line without its end", "a,b\r\n1,2", 2],
    ["line breaks and quotes in quotes", 'a,"b\r\n""c"""\r\n"\n",2\r\n', 2],
    ["nothing", "", 0],
  ]
  for (const [what, text, rows] of files) {
    it(`counts the rows of ${what}, however it is cut into pieces`, async () => {
      for (const size of [1, 2, 3, 5, 1_000]) assert.deepEqual(await scan(text, size), { rows, passed: text })
    })
  }

  it("names the line in which the quote opens that is not closed", async () => {
    for (const size of [1, 7, 1_000]) {
      await assert.rejects(scan('a\r\n"b\r\nc"\r\n"d\r\ne\r\n', size), { where: "a.csv:4" })
    }
  })

  it("gives up a row without end where it begins", async () => {
    const endless = `a\nb\n${"x".repeat(17 * 1024 * 1024)}`
    await assert.rejects(scan(endless, 64 * 1024), (error) => error instanceof AppError && error.where === "a.csv:3")
  })
})
