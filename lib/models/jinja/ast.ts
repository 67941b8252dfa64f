import type { Value } from "./values.ts"

/** Every node knows the offset of its first character in the source, from which errors work out line and column. */
interface Node {
  at: number
}

export type Expression =
  | Literal
  | Name
  | Attribute
  | Item
  | Slice
  | Call
  | Filter
  | Test
  | Conditional
  | Unary
  | Binary
  | Logical
  | Concat
  | Comparison
  | Sequence
  | DictDisplay

export interface Literal extends Node {
  kind: "literal"
  value: Value
}

export interface Name extends Node {
  kind: "name"
  name: string
}

/** `object.name` */
export interface Attribute extends Node {
  kind: "attribute"
  object: Expression
  name: string
}

/** `object[key]` */
export interface Item extends Node {
  kind: "item"
  object: Expression
  key: Expression
}

/** `start:stop:step` within brackets. */
export interface Slice extends Node {
  kind: "slice"
  start: Expression | null
  stop: Expression | null
  step: Expression | null
}

export interface Arguments {
  positional: Expression[]
  keywords: { name: string; value: Expression }[]
  /** `*spread` and `**spreadKeywords` */
  spread: Expression | null
  spreadKeywords: Expression | null
}

export interface Call extends Node {
  kind: "call"
  callee: Expression
  arguments: Arguments
}

export interface Filter extends Node {
  kind: "filter"
  name: string
  /** Null at the start of the chain of a filter block or a block assignment: the block's text. */
  input: Expression | null
  arguments: Arguments
}

export interface Test extends Node {
  kind: "test"
  name: string
  input: Expression
  arguments: Arguments
}

/** `then if test else otherwise` */
export interface Conditional extends Node {
  kind: "conditional"
  test: Expression
  then: Expression
  otherwise: Expression | null
}

export interface Unary extends Node {
  kind: "unary"
  operator: "-" | "+" | "not"
  operand: Expression
}

export type BinaryOperator = "+" | "-" | "*" | "/" | "//" | "%" | "**"

export interface Binary extends Node {
  kind: "binary"
  operator: BinaryOperator
  left: Expression
  right: Expression
}

export interface Logical extends Node {
  kind: "logical"
  operator: "and" | "or"
  left: Expression
  right: Expression
}

/** `a ~ b ~ c` */
export interface Concat extends Node {
  kind: "concat"
  parts: Expression[]
}

export type ComparisonOperator = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in"

/** `first op operand op operand …`, each compared with the one before it. */
export interface Comparison extends Node {
  kind: "comparison"
  first: Expression
  rest: { operator: ComparisonOperator; operand: Expression }[]
}

export interface Sequence extends Node {
  kind: "list" | "tuple"
  items: Expression[]
}

export interface DictDisplay extends Node {
  kind: "dict"
  entries: { key: Expression; value: Expression }[]
}

/** What `set`, `for` and `with` may assign to. */
export type Target = Name | TupleTarget | NamespaceTarget

export interface TupleTarget extends Node {
  kind: "tuple target"
  items: Target[]
}

/** `{% set namespace.attribute = … %}` */
export interface NamespaceTarget extends Node {
  kind: "namespace target"
  name: string
  attribute: string
}

export type Statement =
  | Data
  | Print
  | If
  | For
  | Assign
  | AssignBlock
  | MacroDefinition
  | CallBlock
  | FilterBlock
  | With
  | Scoped
  | Do
  | LoopControl

export interface Data extends Node {
  kind: "data"
  text: string
}

/** `{{ value }}` */
export interface Print extends Node {
  kind: "print"
  value: Expression
}

export interface If extends Node {
  kind: "if"
  branches: { test: Expression; body: Statement[] }[]
  otherwise: Statement[] | null
}

export interface For extends Node {
  kind: "for"
  target: Target
  items: Expression
  /** `if` behind the items: which of them the loop sees. */
  test: Expression | null
  isRecursive: boolean
  body: Statement[]
  otherwise: Statement[] | null
}

export interface Assign extends Node {
  kind: "assign"
  target: Target
  value: Expression
}

/** `{% set target | filters %}body{% endset %}` */
export interface AssignBlock extends Node {
  kind: "assign block"
  target: Target
  filter: Filter | null
  body: Statement[]
}

export interface Parameter extends Node {
  name: string
  fallback: Expression | null
}

export interface MacroDefinition extends Node {
  kind: "macro"
  name: string
  parameters: Parameter[]
  body: Statement[]
}

/** `{% call(parameters) call %}body{% endcall %}` */
export interface CallBlock extends Node {
  kind: "call block"
  parameters: Parameter[]
  call: Call
  body: Statement[]
}

export interface FilterBlock extends Node {
  kind: "filter block"
  filter: Filter
  body: Statement[]
}

export interface With extends Node {
  kind: "with"
  assignments: { target: Target; value: Expression }[]
  body: Statement[]
}

/** A body with a scope of its own: `{% block %}` and `{% autoescape %}`, which do nothing else without inheritance. */
export interface Scoped extends Node {
  kind: "scoped"
  body: Statement[]
}

export interface Do extends Node {
  kind: "do"
  value: Expression
}

export interface LoopControl extends Node {
  kind: "break" | "continue"
}

export interface TemplateTree {
  /** With line ends as parsed: `\n` alone, the last one taken off. */
  source: string
  body: Statement[]
}
