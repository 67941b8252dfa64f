import { type Method, type MethodTable, method } from "./method.ts"
import { isInt, type PyFloat, toNumber } from "./values.ts"

type Num = number | bigint | boolean | PyFloat

export const NUMBER_METHODS: MethodTable<Num> = new Map<string, Method<Num>>([
  method("is_integer", [], (self) => isInt(self) || Number.isInteger(toNumber(self))),
  method("bit_length", [], (self) => (isInt(self) ? BigInt(self).toString(2).replace(/^-?0?/, "").length : 0)),
])
