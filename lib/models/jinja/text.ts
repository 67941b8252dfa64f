const SURROGATE = /[\ud800-\udfff]/

/** Python counts characters where JavaScript counts UTF-16 units; they differ only beyond the first 65,536 characters. */
export function toCodePoints(text: string): string[] {
  return SURROGATE.test(text) ? Array.from(text) : text.split("")
}

export function codePointLength(text: string): number {
  return SURROGATE.test(text) ? Array.from(text).length : text.length
}
