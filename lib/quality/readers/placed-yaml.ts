import { type Document, isMap, isNode, isScalar, LineCounter, parseDocument } from "yaml"

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
    const node = keyOf(document, path.slice(0, length)) ?? document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line
  }
  return 1
}

/** Of what stands under a key, the key says where it begins. */
function keyOf(document: Document.Parsed, path: readonly PropertyKey[]): unknown {
  const around = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
  if (path.length === 0 || !isMap(around)) return null
  return around.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key
}
