const SIMPLE: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
}

const ESCAPE = /\\(?:([0-7]{1,3})|x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([\s\S]))/g

/**
 * What stands between the quotes of a string, with Python's escapes resolved; an unknown one keeps its backslash.
 * Null where Python refuses it: a cut-off `\x`, `\u` or `\U`, or a `\N{name}`, whose names this engine does not know.
 */
export function unescapeString(text: string): string | null {
  if (!text.includes("\\")) return text
  let isBroken = false
  const result = text.replace(ESCAPE, (all, octal, hex, short, long, other: string | undefined) => {
    if (octal !== undefined) return String.fromCodePoint(Number.parseInt(octal, 8))
    const digits = hex ?? short ?? long
    if (digits !== undefined) {
      const code = Number.parseInt(digits, 16)
      if (code <= 0x10ffff) return String.fromCodePoint(code)
    } else if (!/[xuUN]/.test(other ?? "")) {
      return SIMPLE[other ?? ""] ?? all
    }
    isBroken = true
    return all
  })
  return isBroken ? null : result
}
