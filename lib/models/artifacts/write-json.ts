import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import path from "node:path"

/** A big object as entries that are made when they are written, so that it is never in memory as a whole. */
export type Section = Iterable<readonly [string, unknown]>

/** Entries of the outermost object; those that are sections are written entry by entry. */
export type Document = Iterable<readonly [string, unknown] | readonly [string, { section: Section }]>

const CHUNK = 1 << 20

/** Writes a JSON document beside its place and renames it, so that no reader meets half of it. */
export function writeJson(file: string, document: Document): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const beside = `${file}.${process.pid}`
  const output = new ChunkedFile(beside)
  try {
    output.write("{")
    writeEntries(output, document)
    output.write("}\n")
    output.close()
    renameSync(beside, file)
  } catch (error) {
    output.close()
    rmSync(beside, { force: true })
    throw error
  }
}

function writeEntries(output: ChunkedFile, entries: Document): void {
  let separator = ""
  for (const [key, value] of entries) {
    output.write(`${separator}${JSON.stringify(key)}: `)
    separator = ", "
    if (isSection(value)) {
      output.write("{")
      writeEntries(output, value.section)
      output.write("}")
    } else output.write(JSON.stringify(value) ?? "null")
  }
}

function isSection(value: unknown): value is { section: Section } {
  return typeof value === "object" && value !== null && "section" in value && Object.keys(value).length === 1
}

/** Gathers what is written into pieces of a megabyte. */
class ChunkedFile {
  private readonly descriptor: number
  private parts: string[] = []
  private length = 0
  private isOpen = true

  constructor(file: string) {
    this.descriptor = openSync(file, "w")
  }

  write(text: string): void {
    this.parts.push(text)
    this.length += text.length
    if (this.length >= CHUNK) this.flush()
  }

  close(): void {
    if (!this.isOpen) return
    this.isOpen = false
    try {
      this.flush()
    } finally {
      closeSync(this.descriptor)
    }
  }

  private flush(): void {
    const buffer = Buffer.from(this.parts.join(""))
    this.parts = []
    this.length = 0
    for (let from = 0; from < buffer.length; ) from += writeSync(this.descriptor, buffer, from)
  }
}
