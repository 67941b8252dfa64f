/**
 * A float without a fraction, which prints as `1.0` where a template prints it. Other floats are plain numbers. As a boxed number
 * it is one in JSON, and stays one on its way to another thread, where it is no longer of this class.
 */
export class YamlFloat extends Number {
  get value(): number {
    return this.valueOf()
  }
}

interface PlainScalar {
  name: "bool" | "float" | "int" | "null"
  test: RegExp
  resolve: (text: string) => null | boolean | number | YamlFloat
}

/** The implicit types of PyYAML's resolver, in its order. */
export const PLAIN_SCALARS: readonly PlainScalar[] = [
  {
    name: "bool",
    test: /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
    resolve: (text) => /^(yes|true|on)$/i.test(text),
  },
  {
    name: "float",
    test: /^(?:[-+]?(?:[0-9][0-9_]*)\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
    resolve: readFloat,
  },
  {
    name: "int",
    test: /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
    resolve: readInt,
  },
  { name: "null", test: /^(?:~|null|Null|NULL|)$/, resolve: () => null },
]

/** What a plain scalar begins with where it may be something other than a text. */
const NO_TEXT = /^[-+.~0-9yYnNtTfFoO]/

/** The value of a scalar without quotes. */
export function resolvePlainScalar(text: string): null | boolean | number | string | YamlFloat {
  if (!NO_TEXT.test(text) && text !== "") return text
  const found = PLAIN_SCALARS.find(({ test }) => test.test(text))
  return found ? found.resolve(text) : text
}

function readInt(text: string): number {
  const digits = text.replace(/_/g, "").replace(/^[-+]/, "")
  const sign = text.startsWith("-") ? -1 : 1
  if (digits.includes(":")) return sign * base60(digits)
  if (/^0[0-7]+$/.test(digits)) return sign * Number.parseInt(digits, 8)
  return sign * Number(digits)
}

function readFloat(text: string): number | YamlFloat {
  const digits = text.replace(/_/g, "").replace(/^[-+]/, "").toLowerCase()
  const sign = text.startsWith("-") ? -1 : 1
  if (digits === ".nan") return Number.NaN
  if (digits === ".inf") return sign * Number.POSITIVE_INFINITY
  const value = sign * (digits.includes(":") ? base60(digits) : Number(digits))
  return Number.isInteger(value) ? new YamlFloat(value) : value
}

function base60(text: string): number {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
}
