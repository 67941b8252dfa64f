import { DICT_METHODS, LIST_METHODS, SET_METHODS, TUPLE_METHODS } from "./collection-methods.ts"
import { Dict } from "./dict.ts"
import { isHashable } from "./hash-key.ts"
import { BoundMethod, type Method, type MethodTable, variadic } from "./method.ts"
import { NUMBER_METHODS } from "./number-methods.ts"
import { toRepr } from "./print.ts"
import { PySet } from "./py-set.ts"
import { formatFields } from "./string-format.ts"
import { STRING_METHODS } from "./string-methods.ts"
import { toCodePoints } from "./text.ts"
import { undefinedError } from "./undefined-error.ts"
import {
  HostObject,
  isInt,
  isNumber,
  Namespace,
  Tuple,
  typeName,
  Undefined,
  type UndefinedReason,
  type Value,
} from "./values.ts"

/**
 * `object.name`: the attribute, else the item of that name. Missing is undefined; so is what the sandbox forbids
 * (`__class__` and its like), with the reason. @throws JinjaError on the attribute of something undefined.
 */
export function getAttribute(object: Value, name: string, isChainable: boolean): Value {
  if (object instanceof Undefined) return ofUndefined(object, name)
  let found = attributeOf(object, name)
  if (found === undefined) found = itemOf(object, name)
  return found === undefined ? missing(object, name, isChainable) : found
}

/** `object[key]`: the item, else for a text the attribute of that name. */
export function getItem(object: Value, key: Value, isChainable: boolean): Value {
  if (object instanceof Undefined) return ofUndefined(object, typeof key === "string" ? key : toRepr(key))
  const item = itemOf(object, key)
  if (item !== undefined) return item
  if (typeof key === "string") {
    const attribute = attributeOf(object, key)
    return attribute === undefined ? missing(object, key, isChainable) : attribute
  }
  return new Undefined({ of: nameOf(object), name: toRepr(key), isElement: true }, isChainable)
}

function ofUndefined(object: Undefined, name: string): Value {
  if (object.isChainable) return new Undefined({ name }, true)
  throw undefinedError(object)
}

/** With `format`, whose fields reach into values as templates do. */
const TEXT_METHODS: MethodTable<string> = new Map<string, Method<string>>([
  ...STRING_METHODS,
  variadic("format", (self, args, kwargs) => {
    return formatFields(self, args, kwargs, {
      attribute: (value, name) => getAttribute(value, name, false),
      item: (value, key) => getItem(value, key, false),
    })
  }),
])

/** The attribute, or undefined where there is none. */
export function attributeOf(object: Value, name: string): Value | undefined {
  if (typeof object === "string") return methodOf(object, TEXT_METHODS, name)
  if (object instanceof HostObject) return object.getAttribute?.(name)
  if (object instanceof Dict) return methodOf(object, DICT_METHODS, name)
  if (Array.isArray(object)) return methodOf(object, LIST_METHODS, name)
  if (object instanceof Tuple) return tupleAttribute(object, name)
  if (object instanceof PySet) return methodOf(object, SET_METHODS, name)
  if (object instanceof Namespace) return object.attributes.get(name)
  return isNumber(object) ? methodOf(object, NUMBER_METHODS, name) : undefined
}

function methodOf<Self extends Value>(self: Self, methods: MethodTable<Self>, name: string): Value | undefined {
  const method = methods.get(name)
  return method && new BoundMethod(self, name, method)
}

function tupleAttribute(tuple: Tuple, name: string): Value | undefined {
  const index = tuple.names?.indexOf(name) ?? -1
  return index === -1 ? methodOf(tuple, TUPLE_METHODS, name) : tuple.items[index]
}

function itemOf(object: Value, key: Value): Value | undefined {
  // A key that no dict can have is only missing.
  if (object instanceof Dict) return isHashable(key) ? object.get(key) : undefined
  if (Array.isArray(object)) return at(object, key)
  if (object instanceof HostObject) return object.getItem?.(key)
  if (object instanceof Tuple) return at(object.items, key)
  if (typeof object === "string") return isInt(key) ? at(toCodePoints(object), key) : undefined
  return undefined
}

function at<T>(items: readonly T[], key: Value): T | undefined {
  return isInt(key) ? items.at(Number(key)) : undefined
}

function missing(object: Value, name: string, isChainable: boolean): Undefined {
  return new Undefined(reasonFor(object, name), isChainable)
}

function reasonFor(object: Value, name: string): UndefinedReason {
  // Python objects have these; a sandbox never shows them.
  if (name.startsWith("__") && name.endsWith("__")) {
    const hint = `access to attribute '${name}' of '${typeName(object)}' object is unsafe.`
    return { hint, name, isUnsafe: true }
  }
  return { of: nameOf(object), name }
}

function nameOf(object: Value): string {
  return object === null ? "None" : `${typeName(object)} object`
}
