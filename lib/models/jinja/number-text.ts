import { fromBigInt } from "./values.ts"

/** Python's int(text, base), or null where it raises ValueError. */
export function parseIntText(text: string, base: number): number | bigint | null {
  const match = /^([-+]?)(0[bB]|0[oO]|0[xX])?([\da-zA-Z]+(?:_[\da-zA-Z]+)*)$/.exec(text.trim())
  if (!match) return null
  const [, sign, prefix = "", rest = ""] = match
  const prefixBase = PREFIXES[prefix.toLowerCase()]
  let digits = rest.replaceAll("_", "")
  let radix = base
  if (base === 0) radix = prefixBase ?? 10
  else if (prefix !== "" && prefixBase !== base) {
    // `0b1` is also a number of base 16.
    digits = prefix + digits
  }
  if (base === 0 && prefix === "" && /^0+[1-9]/.test(digits)) return null
  const magnitude = fromDigits(digits.toLowerCase(), radix)
  return magnitude === null ? null : fromBigInt(sign === "-" ? -magnitude : magnitude)
}

const PREFIXES: Readonly<Record<string, number>> = { "0b": 2, "0o": 8, "0x": 16 }

function fromDigits(digits: string, radix: number): bigint | null {
  let value = 0n
  for (const digit of digits) {
    const worth = Number.parseInt(digit, 36)
    if (!(worth < radix)) return null
    value = value * BigInt(radix) + BigInt(worth)
  }
  return value
}

/** Python's float(text), or null where it raises ValueError. */
export function parseFloatText(text: string): number | null {
  const trimmed = text.trim()
  const named = /^([-+]?)(inf(?:inity)?|nan)$/i.exec(trimmed)
  if (named) {
    if (named[2]?.toLowerCase() === "nan") return Number.NaN
    return named[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  const isNumber = /^[-+]?(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][-+]?\d+(?:_\d+)*)?$/.test(trimmed)
  return isNumber ? Number(trimmed.replaceAll("_", "")) : null
}
