import assert from "node:assert/strict"
import { Readable } from "node:stream"
import { describe, test } from "node:test"
import { readLines } from "./read-lines.ts"

async function linesOf(chunks: (string | Buffer)[], maxBytes = 100): Promise<string[]> {
  const lines: string[] = []
  for await (const { text, cutBytes } of readLines(
    Readable.from(chunks.map((chunk) => Buffer.from(chunk))),
    maxBytes,
  )) {
    lines.push(cutBytes > 0 ? `${text}+${cutBytes}` : text)
  }
  return lines
}

describe("readLines", () => {
  test("joins lines that come in pieces and splits pieces that hold several", async () => {
    assert.deepEqual(await linesOf(["on", "e\ntwo\nthr", "ee\n"]), ["one", "two", "three"])
  })

  test("keeps blank lines and counts a last one without an end", async () => {
    assert.deepEqual(await linesOf(["\n\nlast"]), ["", "", "last"])
    assert.deepEqual(await linesOf([]), [])
  })

  test("takes Windows' line ends too", async () => {
    assert.deepEqual(await linesOf(["a\r\nb\r\n"]), ["a", "b"])
  })

  test("puts characters together that were split between pieces", async () => {
    const bytes = Buffer.from("grün\n")
    assert.deepEqual(await linesOf([bytes.subarray(0, 3), bytes.subarray(3)]), ["grün"])
  })

  test("cuts a line at the limit, counts the rest, and goes on with the next", async () => {
    assert.deepEqual(await linesOf(["abcdef", "ghij\nnext\n"], 4), ["abcd+6", "next"])
  })

  test("reads no further than its consumer", async () => {
    let produced = 0
    async function* produce() {
      for (;;) {
        produced += 1
        yield Buffer.from("line\n")
      }
    }
    const lines = readLines(Readable.from(produce(), { highWaterMark: 1 }), 100)
    for (let index = 0; index < 10; index++) await lines.next()
    await lines.return(undefined)
    assert.ok(produced <= 15, `${produced} chunks for 10 lines`)
  })
})
