import { checkLength } from "../limits.ts"
import { toCodePoints } from "../text.ts"

export interface WrapOptions {
  width: number
  breaksLongWords: boolean
  breaksOnHyphens: boolean
  separator: string
}

/** The lines of a text as Python's splitlines() cuts them: nothing follows the last line end. */
export function splitLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x85\u2028\u2029]/)
  return lines.at(-1) === "" ? lines.slice(0, -1) : lines
}

/** Each line for itself, at most `width` wide, as Python's textwrap does without touching tabs and spaces within. */
export function wrapText(text: string, options: WrapOptions): string {
  const wrapped = splitLines(text).map((line) => wrapLine(line, options).join(options.separator))
  const result = wrapped.join(options.separator)
  checkLength(result.length)
  return result
}

function wrapLine(line: string, { width, breaksLongWords, breaksOnHyphens }: WrapOptions): string[] {
  const chunks = chunksOf(line, breaksOnHyphens)
  const lines: string[] = []
  while (chunks.length > 0) {
    if (lines.length > 0 && isSpace(chunks[0] as string)) chunks.shift()
    const current: string[] = []
    let length = 0
    while (chunks.length > 0 && length + lengthOf(chunks[0] as string) <= width) {
      const chunk = chunks.shift() as string
      current.push(chunk)
      length += lengthOf(chunk)
    }
    if (chunks.length > 0 && lengthOf(chunks[0] as string) > width)
      takeLong(chunks, current, width - length, breaksLongWords)
    if (current.length > 0 && isSpace(current.at(-1) as string)) current.pop()
    if (current.length > 0) lines.push(current.join(""))
  }
  return lines
}

/** A word that fits no line: cut at the line's end, or put on a line of its own. */
function takeLong(chunks: string[], current: string[], room: number, mayCut: boolean): void {
  if (mayCut) {
    const points = toCodePoints(chunks[0] as string)
    const take = Math.max(1, room)
    current.push(points.slice(0, take).join(""))
    chunks[0] = points.slice(take).join("")
  } else if (current.length === 0) {
    current.push(chunks.shift() as string)
  }
}

/** Words and the spaces between them; hyphenated words in parts where these may be parted. */
function chunksOf(line: string, breaksOnHyphens: boolean): string[] {
  const pieces = line.split(/([ \t]+)/).filter((piece) => piece !== "")
  if (!breaksOnHyphens) return pieces
  return pieces.flatMap((piece) =>
    piece.split(/(?<=[\p{L}\p{N}_]{2}-)(?=\p{L}\p{L})|(?<=[\p{L}\p{N}]-)(?=\p{L}\p{L})/u),
  )
}

function isSpace(text: string): boolean {
  return text.trim() === ""
}

function lengthOf(text: string): number {
  return toCodePoints(text).length
}
