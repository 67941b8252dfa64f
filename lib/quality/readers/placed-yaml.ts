import { type Document, isNode, LineCounter, parseDocument } from "yaml"

/** A YAML or JSON text as plain data that still knows where its parts stand. */
export interface PlacedYaml {
  value: unknown
  /** Line of the deepest part of a path that the text has. */
  lineOf(path: readonly PropertyKey[]): number
  /** Why it cannot be read. */
  fault: { line: number; message: string } | null
}

export function readPlaced(text: string): PlacedYaml {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const lineOf = (path: readonly PropertyKey[]) => lineIn(document, lines, path)
  const [error] = document.errors
  if (error) {
    const message = error.message.split("\n", 1)[0]!
    return { value: null, lineOf, fault: { line: error.linePos?.[0].line ?? 1, message } }
  }
  try {
    return { value: document.toJS(), lineOf, fault: null }
  } catch (caught) {
    // An alias that stands for too much.
    return {
      value: null,
      lineOf,
      fault: { line: 1, message: caught instanceof Error ? caught.message : String(caught) },
    }
  }
}

function lineIn(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length >= 0; length--) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}
