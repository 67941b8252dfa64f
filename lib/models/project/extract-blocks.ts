import { ProjectError, positionAt } from "./project-error.ts"

export type BlockType = "macro" | "test" | "data_test" | "materialization" | "snapshot" | "docs"

/** One top-level block of a file. */
export interface Block {
  type: BlockType
  name: string
  /** What stands behind the name in the opening tag: `(model, column_name)`, `, adapter="postgres"`. */
  signature: string
  /** Between the tags. */
  body: string
  /** Tags and body. */
  text: string
  /** Line of the opening tag, from 1. */
  line: number
}

/**
 * The blocks of the given types at the top level of a file, in order. Finds tags as dbt does: what stands in comments, in raw
 * blocks and in strings inside of tags is none; other tags and text between blocks are passed over.
 * @throws ProjectError for a block inside of another or of an if or for, and for one that is never closed.
 */
export function extractBlocks(text: string, types: ReadonlySet<BlockType>, file: string): Block[] {
  const blocks: Block[] = []
  const control: string[] = []
  let open: Tag | null = null
  const fail = (offset: number, message: string): never => {
    throw new ProjectError({ file, ...positionAt(text, offset), message })
  }
  for (const tag of findTags(text, fail)) {
    if (open) {
      if (tag.word === `end${open.word}`) {
        blocks.push(toBlock(text, open, tag))
        open = null
      } else if (types.has(tag.word as BlockType)) {
        fail(
          tag.start,
          `a ${tag.word} block cannot stand inside of the ${open.word} block "${nameOf(open)}"; close that one first.`,
        )
      }
    } else if (types.has(tag.word as BlockType)) {
      const around = control.at(-1)
      if (around)
        fail(
          tag.start,
          `a ${tag.word} block cannot stand inside of {% ${around} %}; move it to the top level of the file.`,
        )
      if (nameOf(tag) === "") fail(tag.start, `this ${tag.word} block has no name.`)
      open = tag
    } else if (tag.word === "if" || tag.word === "for") control.push(tag.word)
    else if (tag.word === `end${control.at(-1)}`) control.pop()
  }
  if (open) fail(open.start, `the ${open.word} block "${nameOf(open)}" is never closed; add {% end${open.word} %}.`)
  return blocks
}

interface Tag {
  /** First word in it. */
  word: string
  /** The rest of it. */
  rest: string
  start: number
  end: number
}

const NAME = /^\s*([A-Za-z_]\w*)/

const nameOf = (tag: Tag): string => NAME.exec(tag.rest)?.[1] ?? ""

function toBlock(text: string, open: Tag, close: Tag): Block {
  return {
    type: open.word as BlockType,
    name: nameOf(open),
    signature: open.rest.replace(NAME, ""),
    body: text.slice(open.end, close.start),
    text: text.slice(open.start, close.end),
    line: positionAt(text, open.start).line,
  }
}

const OPENING = /\{[{%#]/g
const WORD = /[-+]?\s*(\w+)/y
const RAW_END = /\{%[-+]?\s*endraw\s*[-+]?%\}/g
/** Documentation is prose: only its end counts, whatever braces and quotes it holds. */
const DOCS_END = /\{%[-+]?\s*enddocs\s*[-+]?%\}/g

function* findTags(text: string, fail: (offset: number, message: string) => never): Generator<Tag> {
  let at = 0
  for (;;) {
    OPENING.lastIndex = at
    const start = OPENING.exec(text)?.index
    if (start === undefined) return
    const kind = text[start + 1]
    if (kind === "#") {
      const end = text.indexOf("#}", start + 2)
      if (end === -1) fail(start, "this comment is never closed; add #}.")
      at = end + 2
      continue
    }
    const end = endOfTag(text, start + 2, kind === "{" ? "}}" : "%}")
    if (end === -1)
      fail(start, kind === "{" ? "this expression is never closed; add }}." : "this tag is never closed; add %}.")
    at = end
    if (kind === "{") continue
    WORD.lastIndex = start + 2
    const word = WORD.exec(text)?.[1] ?? ""
    yield { word, rest: text.slice(WORD.lastIndex, end - 2).replace(/[-+]$/, ""), start, end }
    const closing = word === "raw" ? RAW_END : word === "docs" ? DOCS_END : null
    if (!closing) continue
    closing.lastIndex = end
    const close = closing.exec(text)
    if (!close) fail(start, `the ${word} block is never closed; add {% end${word} %}.`)
    at = word === "raw" ? closing.lastIndex : close!.index
  }
}

/** Behind the first closing sign that does not stand in a string, or -1. */
function endOfTag(text: string, from: number, sign: string): number {
  for (let at = from; at < text.length; at++) {
    const letter = text[at]
    if (letter === '"' || letter === "'") {
      for (at++; at < text.length && text[at] !== letter; at++) if (text[at] === "\\") at++
    } else if (letter === sign[0] && text[at + 1] === sign[1]) return at + 2
  }
  return -1
}
