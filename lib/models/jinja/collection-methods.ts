import { asInt, asIntOr } from "./argument.ts"
import { DictView } from "./collection-views.ts"
import { compareForSort, isEqual, isSubset } from "./compare.ts"
import { Dict } from "./dict.ts"
import { typeError, valueError } from "./errors.ts"
import { isTrue, iterate, toArray } from "./iterate.ts"
import { checkItems } from "./limits.ts"
import { type Method, type MethodTable, method, variadic } from "./method.ts"
import { toRepr } from "./print.ts"
import { PySet } from "./py-set.ts"
import { given, HostObject, Tuple, typeName, type Value } from "./values.ts"

export const LIST_METHODS: MethodTable<Value[]> = new Map<string, Method<Value[]>>([
  method("append", ["object"], (self, [item]) => {
    self.push(item as Value)
    return null
  }),
  method("extend", ["iterable"], (self, [items]) => {
    const added = toArray(items as Value)
    checkItems(self.length + added.length)
    for (const item of added) self.push(item)
    return null
  }),
  method("insert", ["index", "object"], (self, [index, item]) => {
    self.splice(asInt(index), 0, item as Value)
    return null
  }),
  method("pop", ["index?"], (self, [index]) => {
    if (self.length === 0) throw valueError("pop from empty list")
    const at = asIntOr(index, -1)
    const from = at < 0 ? at + self.length : at
    if (from < 0 || from >= self.length) throw valueError("pop index out of range")
    return self.splice(from, 1)[0] as Value
  }),
  method("remove", ["value"], (self, [value]) => {
    const at = self.findIndex((item) => isEqual(item, value as Value))
    if (at === -1) throw valueError("list.remove(x): x not in list")
    self.splice(at, 1)
    return null
  }),
  method("index", ["value", "start?", "stop?"], (self, args) => indexOf(self, args, "list")),
  method("count", ["value"], (self, [value]) => countOf(self, value as Value)),
  method("reverse", [], (self) => {
    self.reverse()
    return null
  }),
  method("copy", [], (self) => [...self]),
  method("clear", [], (self) => {
    self.length = 0
    return null
  }),
  variadic("sort", (self, _args, kwargs) => {
    const key = kwargs.get("key") ?? null
    const order = sorted(
      self,
      (item) => (key === null ? item : callKey(key, item)),
      isTrue(kwargs.get("reverse") ?? false),
    )
    for (const [index, item] of order.entries()) self[index] = item
    return null
  }),
])

export const TUPLE_METHODS: MethodTable<Tuple> = new Map<string, Method<Tuple>>([
  method("index", ["value", "start?", "stop?"], (self, args) => indexOf(self.items, args, "tuple")),
  method("count", ["value"], (self, [value]) => countOf(self.items, value as Value)),
])

function indexOf(items: readonly Value[], [value, start, stop]: readonly (Value | undefined)[], type: string): Value {
  const limit = (bound: number) => Math.max(0, bound < 0 ? bound + items.length : bound)
  const from = limit(asIntOr(start, 0))
  const to = Math.min(items.length, limit(asIntOr(stop, items.length)))
  for (let at = from; at < to; at++) if (isEqual(items[at] as Value, value as Value)) return at
  throw valueError(type === "list" ? `${toRepr(value as Value)} is not in list` : "tuple.index(x): x not in tuple")
}

function countOf(items: readonly Value[], value: Value): number {
  return items.filter((item) => isEqual(item, value)).length
}

function callKey(key: Value, item: Value): Value {
  if (key instanceof HostObject && key.call) return key.call([item], new Map())
  throw typeError(`'${typeName(key)}' object is not callable`)
}

/** A stable sort by key, each key worked out once; reversed it keeps the order of equals, as Python's does. */
export function sorted<T>(items: readonly T[], keyOf: (item: T) => Value, isReversed: boolean): T[] {
  const keyed = items.map((item) => ({ item, key: keyOf(item) }))
  keyed.sort((a, b) => (isReversed ? compareForSort(b.key, a.key) : compareForSort(a.key, b.key)))
  return keyed.map(({ item }) => item)
}

export const DICT_METHODS: MethodTable<Dict> = new Map<string, Method<Dict>>([
  method("items", [], (self) => new DictView(self, "items")),
  method("keys", [], (self) => new DictView(self, "keys")),
  method("values", [], (self) => new DictView(self, "values")),
  method("get", ["key", "default?"], (self, [key, fallback]) => {
    return given(self.get(key as Value), given(fallback, null))
  }),
  method("pop", ["key", "default?"], (self, [key, fallback]) => {
    const own = self.get(key as Value)
    const value = own === undefined ? fallback : own
    if (value === undefined) throw valueError(`KeyError: ${toRepr(key as Value)}`)
    self.delete(key as Value)
    return value
  }),
  method("popitem", [], (self) => {
    const last = [...self].at(-1)
    if (!last) throw valueError("'popitem(): dictionary is empty'")
    self.delete(last[0])
    return new Tuple(last)
  }),
  variadic("update", (self, [source], kwargs) => {
    if (source !== undefined) updateDict(self, source)
    for (const [key, value] of kwargs) self.set(key, value)
    return null
  }),
  method("setdefault", ["key", "default?"], (self, [key, fallback]) => {
    const value = self.get(key as Value)
    if (value !== undefined) return value
    self.set(key as Value, fallback ?? null)
    return fallback ?? null
  }),
  method("copy", [], (self) => new Dict(self)),
  method("clear", [], (self) => {
    self.clear()
    return null
  }),
  method("fromkeys", ["iterable", "value?"], (_self, [keys, value]) => {
    return new Dict(toArray(keys as Value).map((key) => [key, value ?? null]))
  }),
])

/** Adds the entries of a mapping, or of an iterable of pairs, as `dict(x)` and `d.update(x)` take them. */
export function updateDict(target: Dict, source: Value): void {
  for (const [key, value] of entriesOf(source)) target.set(key, value)
}

export function entriesOf(source: Value): Iterable<readonly [Value, Value]> {
  if (source instanceof Dict) return source
  if (source instanceof HostObject && source.isMapping?.()) {
    return Array.from(iterate(source), (key) => [key, source.getItem?.(key) ?? null] as const)
  }
  return Array.from(iterate(source), (pair, index) => {
    const items = toArray(pair)
    if (items.length !== 2) {
      throw valueError(`dictionary update sequence element #${index} has length ${items.length}; 2 is required`)
    }
    return items as [Value, Value]
  })
}

export const SET_METHODS: MethodTable<PySet> = new Map<string, Method<PySet>>([
  method("add", ["elem"], (self, [value]) => {
    self.add(value as Value)
    return null
  }),
  method("discard", ["elem"], (self, [value]) => {
    self.delete(value as Value)
    return null
  }),
  method("remove", ["elem"], (self, [value]) => {
    if (!self.delete(value as Value)) throw valueError(`KeyError: ${toRepr(value as Value)}`)
    return null
  }),
  method("pop", [], (self) => {
    for (const value of self) {
      self.delete(value)
      return value
    }
    throw valueError("'pop from an empty set'")
  }),
  method("clear", [], (self) => {
    self.clear()
    return null
  }),
  method("copy", [], (self) => new PySet(self)),
  variadic("update", (self, others) => {
    for (const other of others) for (const value of toArray(other)) self.add(value)
    return null
  }),
  variadic("union", (self, others) => new PySet([...self, ...others.flatMap((other) => toArray(other))])),
  variadic("intersection", (self, others) =>
    others.map(toSet).reduce((kept, other) => intersect(kept, other), new PySet(self)),
  ),
  variadic("difference", (self, others) =>
    others.map(toSet).reduce((kept, other) => subtract(kept, other), new PySet(self)),
  ),
  method("symmetric_difference", ["other"], (self, [other]) => {
    const right = toSet(other as Value)
    return new PySet([...subtract(self, right), ...subtract(right, self)])
  }),
  method("issubset", ["other"], (self, [other]) => isSubset(self, toSet(other as Value))),
  method("issuperset", ["other"], (self, [other]) => isSubset(toSet(other as Value), self)),
  method("isdisjoint", ["other"], (self, [other]) => intersect(self, toSet(other as Value)).size === 0),
])

function toSet(value: Value): PySet {
  return value instanceof PySet ? value : new PySet(iterate(value))
}

function intersect(left: PySet, right: PySet): PySet {
  return new PySet([...left].filter((value) => right.has(value)))
}

function subtract(left: PySet, right: PySet): PySet {
  return new PySet([...left].filter((value) => !right.has(value)))
}
