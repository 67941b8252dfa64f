/**
 * The integer nearest to `value * 10 ** places`, halves to the even one, worked out on the exact value of the float as Python's
 * formatting and round() do. (JavaScript's toFixed rounds halves up: 0.125 to 0.13, where Python says 0.12.)
 */
export function scaledInteger(value: number, places: number): bigint {
  const { mantissa, exponent } = decompose(value)
  let numerator = mantissa
  let denominator = 1n
  if (exponent >= 0) numerator <<= BigInt(exponent)
  else denominator <<= BigInt(-exponent)
  if (places >= 0) numerator *= 10n ** BigInt(places)
  else denominator *= 10n ** BigInt(-places)
  return divideToEven(numerator, denominator)
}

function decompose(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const biased = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  const mantissa = biased === 0 ? fraction : fraction | 0x10000000000000n
  return { mantissa: value < 0 ? -mantissa : mantissa, exponent: (biased === 0 ? 1 : biased) - 1075 }
}

function divideToEven(numerator: bigint, denominator: bigint): bigint {
  const isNegative = numerator < 0n
  const magnitude = isNegative ? -numerator : numerator
  let quotient = magnitude / denominator
  const twice = (magnitude % denominator) * 2n
  if (twice > denominator || (twice === denominator && quotient % 2n === 1n)) quotient++
  return isNegative ? -quotient : quotient
}

/** Python's round(value, places). */
export function roundFloat(value: number, places: number): number {
  if (!Number.isFinite(value) || places > 323) return value
  if (places < -308) return value * 0
  const rounded = Number(`${scaledInteger(value, places)}e${-places}`)
  return rounded === 0 ? value * 0 : rounded
}

/** `%.{precision}f` of a finite magnitude; the sign is the caller's. */
export function fixedDigits(magnitude: number, precision: number): string {
  const digits = String(scaledInteger(magnitude, precision)).padStart(precision + 1, "0")
  return precision === 0 ? digits : `${digits.slice(0, -precision)}.${digits.slice(-precision)}`
}

/** `%.{precision}e` of a finite magnitude. */
export function exponentDigits(magnitude: number, precision: number): string {
  const { digits, exponent } = significantDigits(magnitude, precision + 1)
  return withExponent(digits, exponent)
}

/** `%.{precision}g` of a finite magnitude; `isAlternate` keeps trailing zeros. */
export function generalDigits(magnitude: number, precision: number, isAlternate: boolean): string {
  const count = precision === 0 ? 1 : precision
  const { digits, exponent } = significantDigits(magnitude, count)
  const isFixed = exponent >= -4 && exponent < count
  const kept = isAlternate ? digits : trimZeros(digits, isFixed ? exponent + 1 : 1)
  if (!isFixed) return withExponent(kept, exponent)
  if (exponent < 0) return `0.${"0".repeat(-exponent - 1)}${kept}`
  return kept.length > exponent + 1 ? `${kept.slice(0, exponent + 1)}.${kept.slice(exponent + 1)}` : kept
}

function significantDigits(magnitude: number, count: number): { digits: string; exponent: number } {
  if (magnitude === 0) return { digits: "0".repeat(count), exponent: 0 }
  let exponent = Number(magnitude.toExponential().split("e")[1])
  let digits = String(scaledInteger(magnitude, count - 1 - exponent))
  // 9.99 rounded to two digits is 10, one digit more than was asked for.
  if (digits.length > count) {
    digits = digits.slice(0, count)
    exponent++
  }
  return { digits, exponent }
}

/** Without the trailing zeros behind the first `least` digits. */
function trimZeros(digits: string, least: number): string {
  let end = digits.length
  while (end > Math.max(1, least) && digits[end - 1] === "0") end--
  return digits.slice(0, end)
}

function withExponent(digits: string, exponent: number): string {
  const fraction = digits.length > 1 ? `.${digits.slice(1)}` : ""
  return `${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`
}
