/** A piece of a line in one colour; `color` is a CSS value or empty for the text's own. */
export interface CodeToken {
  text: string
  color: string
}

/** A text's lines without colour: what stands there until colours are worked out, and where there are none. */
export function plainLines(text: string): CodeToken[][] {
  return text.split("\n").map((line) => [{ text: line, color: "" }])
}
