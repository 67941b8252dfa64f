import type { Yaml, YamlMap } from "./read-yaml.ts"
import { resolvePlainScalar } from "./yaml-scalars.ts"

/** Not of the subset: read it with the whole of YAML. */
class NotPlain extends Error {}

/**
 * Reads the YAML that most properties files are: maps and lists by indentation, scalars, flow lists and maps within a line,
 * text blocks. Undefined for anything else (anchors, tags, escapes, scalars over several lines, faults); then the library
 * decides. It reads some ten times faster, and properties files are most of what a large project's parse reads.
 */
export function readPlainYaml(text: string): Yaml | undefined {
  // A tab may mean many things, and further documents are rare.
  if (text.includes("\t") || text.includes("\n---") || text.includes("\n...")) return undefined
  try {
    return new PlainReader(text).read()
  } catch (error) {
    if (error instanceof NotPlain) return undefined
    throw error
  }
}

class PlainReader {
  private readonly lines: string[]
  /** Of each line: its spaces, or -1 when there is nothing but a comment on it. */
  private readonly indents: number[] = []
  /** Of each line what stands behind its spaces; a list's dash is taken off when its entry is read. */
  private readonly texts: string[] = []
  private at = 0

  constructor(text: string) {
    this.lines = text.replace(/^\uFEFF/, "").split(/\r?\n/)
    for (const line of this.lines) {
      let indent = 0
      while (line.charCodeAt(indent) === 32) indent++
      const content = line.slice(indent).trimEnd()
      this.indents.push(content === "" || content[0] === "#" ? -1 : indent)
      this.texts.push(content)
    }
    if (this.texts[0] === "---") this.indents[0] = -1
    if (this.texts[0]?.startsWith("%")) throw new NotPlain()
  }

  read(): Yaml {
    const value = this.skip() ? this.block() : null
    if (this.skip()) throw new NotPlain()
    return value
  }

  /** To the next line with something on it. */
  private skip(): boolean {
    while (this.at < this.lines.length && this.indents[this.at] === -1) this.at++
    return this.at < this.lines.length
  }

  private block(): Yaml {
    const indent = this.indents[this.at]!
    return isEntry(this.texts[this.at]!) ? this.list(indent) : this.map(indent)
  }

  private list(indent: number): Yaml[] {
    const items: Yaml[] = []
    while (this.skip() && this.indents[this.at] === indent && isEntry(this.texts[this.at]!)) {
      const text = this.texts[this.at]!
      const rest = text.slice(1).trimStart()
      if (rest === "" || rest[0] === "#") {
        this.at++
        items.push(this.skip() && this.indents[this.at]! > indent ? this.block() : null)
      } else if (isEntry(rest) || findKey(rest)) {
        // `- a: 1` begins a map that stands as far in as its first key.
        this.indents[this.at] = indent + text.length - rest.length
        this.texts[this.at] = rest
        items.push(this.block())
      } else items.push(this.inline(rest, indent))
    }
    if (this.skip() && this.indents[this.at]! > indent) throw new NotPlain()
    return items
  }

  private map(indent: number): YamlMap {
    const map: YamlMap = {}
    while (this.skip() && this.indents[this.at] === indent) {
      const text = this.texts[this.at]!
      const found = isEntry(text) ? null : findKey(text)
      if (!found) throw new NotPlain()
      map[found.key] = found.rest === "" || found.rest[0] === "#" ? this.below(indent) : this.inline(found.rest, indent)
    }
    if (this.skip() && this.indents[this.at]! > indent) throw new NotPlain()
    return map
  }

  /** The value of a key with nothing behind it: deeper lines, or a list that stands as far in as the key. */
  private below(indent: number): Yaml {
    this.at++
    if (!this.skip()) return null
    const next = this.indents[this.at]!
    if (next > indent) return this.block()
    return next === indent && isEntry(this.texts[this.at]!) ? this.list(indent) : null
  }

  /** A value on the line of its key or dash, and the lines that belong to it. */
  private inline(text: string, indent: number): Yaml {
    this.at++
    if (text[0] === "|" || text[0] === ">") return this.textBlock(text, indent)
    const flow = new FlowReader(text)
    const value = flow.value(false)
    flow.end()
    return value
  }

  private textBlock(header: string, indent: number): string {
    const style = /^([|>])(-?)$/.exec(header)
    if (!style) throw new NotPlain()
    const lines: string[] = []
    let width = 0
    for (; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at]!
      const isBlank = line.trim() === ""
      const spaces = line.length - line.trimStart().length
      if (!isBlank && spaces <= indent) break
      if (!isBlank && width === 0) width = spaces
      if (!isBlank && spaces < width) throw new NotPlain()
      lines.push(line.slice(width))
    }
    const hasLineEnd = lines.at(-1)?.trim() === ""
    while (lines.length > 0 && lines.at(-1)!.trim() === "") lines.pop()
    if (lines.length === 0 || lines[0] === "") throw new NotPlain()
    const text = style[1] === "|" ? lines.join("\n") : fold(lines)
    // The text's last line may have no line end to keep.
    return style[2] === "-" || (this.at >= this.lines.length && !hasLineEnd) ? text : `${text}\n`
  }
}

/** Lines of a paragraph are joined by spaces; empty lines become line ends. */
function fold(lines: readonly string[]): string {
  let text = ""
  let empty = 0
  for (const [index, line] of lines.entries()) {
    if (line.startsWith(" ") || (line.trim() === "" && line !== "")) throw new NotPlain()
    if (line === "") empty++
    else {
      text += index === 0 ? line : empty > 0 ? "\n".repeat(empty) + line : ` ${line}`
      empty = 0
    }
  }
  return text
}

const isEntry = (text: string): boolean => text[0] === "-" && (text.length === 1 || text[1] === " ")

/** Signs that begin something other than a plain scalar. */
const SPECIAL = new Set(["&", "*", "!", "%", "@", "`", "?", "|", ">", "{", "[", "}", "]", ",", "#", ":", '"', "'"])

/** The key at the start of a line and what stands behind its colon. */
function findKey(text: string): { key: string; rest: string } | null {
  const quote = text[0]
  if (quote === '"' || quote === "'") {
    const end = text.indexOf(quote, 1)
    if (end === -1 || text[end + 1] !== ":" || (text.length > end + 2 && text[end + 2] !== " ")) return null
    const key = text.slice(1, end)
    if (key.includes("\\") || key === "__proto__") throw new NotPlain()
    return { key, rest: text.slice(end + 2).trimStart() }
  }
  if (SPECIAL.has(quote!)) return null
  const colon = colonIn(text)
  if (colon === -1) return null
  const key = text.slice(0, colon).trimEnd()
  if (key === "<<" || key === "__proto__" || key.includes(" #") || typeof resolvePlainScalar(key) !== "string")
    throw new NotPlain()
  return { key, rest: text.slice(colon + 1).trimStart() }
}

function colonIn(text: string): number {
  const colon = text.indexOf(": ")
  if (colon !== -1) return colon
  return text.endsWith(":") ? text.length - 1 : -1
}

/** What stands on one line: a scalar, or lists and maps in brackets. */
class FlowReader {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  value(isWithin: boolean): Yaml {
    const letter = this.text[this.at]
    if (letter === '"' || letter === "'") return this.quoted(letter)
    if (letter === "[") return this.list()
    if (letter === "{") return this.map()
    return this.plain(isWithin)
  }

  /** Nothing may follow but a comment. */
  end(): void {
    const rest = this.text.slice(this.at)
    if (rest.trim() !== "" && !/^\s+#/.test(rest)) throw new NotPlain()
  }

  private quoted(quote: string): string {
    let end = this.text.indexOf(quote, this.at + 1)
    while (quote === "'" && end !== -1 && this.text[end + 1] === "'") end = this.text.indexOf(quote, end + 2)
    if (end === -1) throw new NotPlain()
    const inner = this.text.slice(this.at + 1, end)
    if (quote === '"' && inner.includes("\\")) throw new NotPlain()
    this.at = end + 1
    return quote === "'" ? inner.replaceAll("''", "'") : inner
  }

  private plain(isWithin: boolean): Yaml {
    const rest = this.text.slice(this.at)
    const comment = rest.search(/\s#/)
    const ended = isWithin ? rest.search(/[,[\]{}]/) : comment === -1 ? rest.length : comment
    if (isWithin && (ended === -1 || (comment !== -1 && comment < ended))) throw new NotPlain()
    const scalar = rest.slice(0, ended).trimEnd()
    if (scalar === "" || SPECIAL.has(scalar[0]!) || isEntry(scalar) || colonIn(scalar) !== -1) throw new NotPlain()
    this.at += ended
    return resolvePlainScalar(scalar)
  }

  private list(): Yaml[] {
    const items: Yaml[] = []
    this.at++
    for (;;) {
      this.space()
      if (this.take("]")) return items
      items.push(this.value(true))
      this.space()
      if (this.text[this.at] === ":") throw new NotPlain()
      if (!this.take(",") && this.text[this.at] !== "]") throw new NotPlain()
    }
  }

  private map(): YamlMap {
    const map: YamlMap = {}
    this.at++
    for (;;) {
      this.space()
      if (this.take("}")) return map
      const key = this.key()
      this.space()
      map[key] = this.text[this.at] === "," || this.text[this.at] === "}" ? null : this.value(true)
      this.space()
      if (!this.take(",") && this.text[this.at] !== "}") throw new NotPlain()
    }
  }

  private key(): string {
    const letter = this.text[this.at]
    if (letter === '"' || letter === "'") {
      const key = this.quoted(letter)
      if (!this.take(":") || key === "__proto__") throw new NotPlain()
      return key
    }
    const match = /^[A-Za-z_][\w.-]*(?=: )/.exec(this.text.slice(this.at))
    const key = match?.[0] ?? ""
    if (key === "" || key === "__proto__" || typeof resolvePlainScalar(key) !== "string") throw new NotPlain()
    this.at += key.length + 1
    return key
  }

  private space(): void {
    while (this.text[this.at] === " ") this.at++
    // The end of the line within brackets: they go on below.
    if (this.at >= this.text.length || this.text[this.at] === "#") throw new NotPlain()
  }

  private take(sign: string): boolean {
    if (this.text[this.at] !== sign) return false
    this.at++
    return true
  }
}
