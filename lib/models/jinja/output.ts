import { JinjaError } from "./errors.ts"
import { toText } from "./print.ts"
import type { Value } from "./values.ts"

/** Where a body writes: data as it stands, values as they print. */
export interface Output {
  write(text: string): void
  print(value: Value): void
}

/** Gathers text. @throws JinjaError of kind `limit` when it becomes longer than allowed. */
export class TextOutput implements Output {
  private readonly maxLength: number
  text = ""

  constructor(maxLength: number) {
    this.maxLength = maxLength
  }

  write(text: string): void {
    this.text += text
    if (this.text.length > this.maxLength) {
      throw new JinjaError("limit", `This template's output is longer than ${this.maxLength} characters.`)
    }
  }

  print(value: Value): void {
    this.write(typeof value === "string" ? value : toText(value))
  }
}

/** Keeps values apart, so that a template which is a single expression gives that very value. */
export class NativeOutput implements Output {
  readonly parts: Value[] = []

  write(text: string): void {
    this.parts.push(text)
  }

  print(value: Value): void {
    this.parts.push(value)
  }

  /** The one value, or the text of all of them. */
  get value(): Value {
    const [first = "", ...rest] = this.parts
    return rest.length === 0 ? first : this.parts.map(toText).join("")
  }
}
