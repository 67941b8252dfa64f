import { negate } from "./arithmetic.ts"
import type { Arguments, Expression, TemplateTree } from "./ast.ts"
import { Dict } from "./dict.ts"
import { isHashable } from "./hash-key.ts"
import { isNumber, Tuple, type Value } from "./values.ts"
import { visitNodes } from "./visit-nodes.ts"

/** A call of a plain name, as it stands in a template: found, not run. */
export interface FoundCall {
  name: string
  /** Its arguments where all of them are literals, else null. */
  arguments: { args: Value[]; kwargs: Map<string, Value> } | null
  /** The offset of the call in the tree's source. */
  at: number
}

/** The calls of some functions anywhere in a template, also in branches that may never run, in the order of the source. */
export function findCalls(tree: TemplateTree, names: ReadonlySet<string>): FoundCall[] {
  const calls: FoundCall[] = []
  visitNodes(tree.body, (node) => {
    if (node.kind !== "call" || node.callee.kind !== "name" || !names.has(node.callee.name)) return
    calls.push({ name: node.callee.name, arguments: literalArguments(node.arguments), at: node.at })
  })
  return calls.sort((a, b) => a.at - b.at)
}

function literalArguments({ positional, keywords, spread, spreadKeywords }: Arguments): FoundCall["arguments"] {
  if (spread || spreadKeywords) return null
  const args = literalItems(positional)
  if (args === null) return null
  const kwargs = new Map<string, Value>()
  for (const { name, value } of keywords) {
    const literal = literalOf(value)
    if (literal === undefined) return null
    kwargs.set(name, literal)
  }
  return { args, kwargs }
}

/** The value of an expression that is a literal, or a list, tuple or dict of literals; undefined for any other. */
export function literalOf(node: Expression): Value | undefined {
  switch (node.kind) {
    case "literal":
      return node.value
    case "list":
      return literalItems(node.items) ?? undefined
    case "tuple": {
      const items = literalItems(node.items)
      return items ? new Tuple(items) : undefined
    }
    case "dict":
      return literalDict(node.entries)
    case "unary": {
      const value = node.operator === "-" ? literalOf(node.operand) : undefined
      return value !== undefined && isNumber(value) ? negate(value) : undefined
    }
    default:
      return undefined
  }
}

function literalItems(nodes: readonly Expression[]): Value[] | null {
  const items: Value[] = []
  for (const node of nodes) {
    const value = literalOf(node)
    if (value === undefined) return null
    items.push(value)
  }
  return items
}

function literalDict(entries: readonly { key: Expression; value: Expression }[]): Dict | undefined {
  const dict = new Dict()
  for (const entry of entries) {
    const key = literalOf(entry.key)
    const value = literalOf(entry.value)
    if (key === undefined || value === undefined || !isHashable(key)) return undefined
    dict.set(key, value)
  }
  return dict
}
