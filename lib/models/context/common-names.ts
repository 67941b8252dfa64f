import { createHash } from "node:crypto"
import { callValue } from "../jinja/call.ts"
import { Dict } from "../jinja/dict.ts"
import { JinjaError } from "../jinja/errors.ts"
import { toArray } from "../jinja/iterate.ts"
import { toJson } from "../jinja/json.ts"
import { MacroReturn } from "../jinja/macro.ts"
import { toText } from "../jinja/print.ts"
import { PySet } from "../jinja/py-set.ts"
import { bindArguments } from "../jinja/signature.ts"
import { type HostFunction, hostFunction, Tuple, type Value } from "../jinja/values.ts"
import { readYaml, writeYaml } from "../project/read-yaml.ts"
import { toPlain, toValue } from "./plain-value.ts"

/** Where `log`, `print` and warnings of templates go. */
export interface TemplateLog {
  info(message: string): void
  debug(message: string): void
  warn(message: string): void
}

type Run = (...args: (Value | undefined)[]) => Value

/** A function with named parameters, those with `?` optional. */
export function named(name: string, parameters: readonly string[], run: Run): HostFunction {
  return hostFunction(name, (args, kwargs) => run(...bindArguments(name, parameters, args, kwargs)))
}

/** The functions that mean the same whether a project is parsed or executed (dbt's documentation, "dbt Jinja functions"). */
export function commonNames(log: TemplateLog): Map<string, Value> {
  const functions = [
    named("return", ["data?"], (data) => {
      throw new MacroReturn(data ?? null)
    }),
    named("log", ["msg", "info?"], (message, info) => {
      if (info === true) log.info(toText(message!))
      else log.debug(toText(message!))
      return ""
    }),
    named("print", ["msg"], (message) => {
      log.info(toText(message!))
      return ""
    }),
    named("tojson", ["value", "default?", "sort_keys?"], (value, fallback, sortKeys) => {
      return orElse(fallback, () => toJson(value!, { indent: null, sortsKeys: sortKeys === true }))
    }),
    named("fromjson", ["string", "default?"], (text, fallback) => {
      return orElse(fallback, () => toValue(JSON.parse(toText(text!))))
    }),
    named("toyaml", ["value", "default?", "sort_keys?"], (value, fallback, sortKeys) => {
      return orElse(fallback, () => writeYaml(toPlain(value!), { sortKeys: sortKeys === true }))
    }),
    named("fromyaml", ["value", "default?"], (text, fallback) => {
      return orElse(fallback, () => toValue(readYaml(toText(text!), "<fromyaml>").value))
    }),
    named("set", ["value", "default?"], (value, fallback) => orElse(fallback, () => new PySet(toArray(value!)))),
    named("set_strict", ["value"], (value) => new PySet(toArray(value!))),
    hostFunction("zip", (args, kwargs) => orElse(kwargs.get("default"), () => zip(args))),
    hostFunction("zip_strict", (args) => zip(args)),
    named("local_md5", ["value"], (value) => createHash("md5").update(toText(value!)).digest("hex")),
    named("diff_of_two_dicts", ["dict_a", "dict_b"], (a, b) => differenceOf(a as Dict, b as Dict)),
    hostFunction("try_or_compiler_error", ([message, callee, ...args], kwargs) => {
      try {
        return callValue(callee!, args, kwargs)
      } catch (error) {
        if (error instanceof MacroReturn) throw error
        throw new JinjaError("host", toText(message!), { cause: error })
      }
    }),
  ]
  return new Map(functions.map((each): [string, Value] => [each.name, each]))
}

/** dbt gives the default (None without one) where a value cannot be converted. */
function orElse(fallback: Value | undefined, convert: () => Value): Value {
  try {
    return convert()
  } catch {
    return fallback ?? null
  }
}

function zip(args: readonly Value[]): Value {
  const lists = args.map(toArray)
  const length = lists.length === 0 ? 0 : Math.min(...lists.map((list) => list.length))
  return Array.from({ length }, (_, index) => new Tuple(lists.map((list) => list[index]!)))
}

/** Of each key of the first, what the second does not have; without regard to case (grants are compared so). */
function differenceOf(first: Dict, second: Dict): Dict {
  const lower = new Map([...second].map(([key, value]) => [toText(key).toLowerCase(), toArray(value)]))
  const difference = new Dict()
  for (const [key, value] of first) {
    const others = (lower.get(toText(key).toLowerCase()) ?? []).map((each) => toText(each).toLowerCase())
    const missing = toArray(value).filter((each) => !others.includes(toText(each).toLowerCase()))
    if (missing.length > 0) difference.set(key, missing)
  }
  return difference
}
