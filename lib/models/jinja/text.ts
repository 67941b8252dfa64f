const SURROGATE = /[\ud800-\udfff]/

/** Python counts characters where JavaScript counts UTF-16 units; they differ only beyond the first 65,536 characters. */
export function toCodePoints(text: string): string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split("")
}

export function codePointLength(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length
}

const WIDE_SPACE = /[\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/

/** Python's str.isspace for one UTF-16 unit: unlike JavaScript's, with the separators U+001C to U+001F and without U+FEFF. */
function isSpace(code: number): boolean {
  if (code < 0x1680)
    return (code >= 9 && code <= 13) || (code >= 0x1c && code <= 0x20) || code === 0x85 || code === 0xa0
  return WIDE_SPACE.test(String.fromCharCode(code))
}

/** Python's str.strip() without an argument, or lstrip or rstrip. Unlike a pattern, linear whatever the text. */
export function stripSpace(text: string, sides: "both" | "left" | "right"): string {
  let start = 0
  let end = text.length
  if (sides !== "right") while (start < end && isSpace(text.charCodeAt(start))) start++
  if (sides !== "left") while (end > start && isSpace(text.charCodeAt(end - 1))) end--
  return text.slice(start, end)
}
