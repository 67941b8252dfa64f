import { add } from "../../jinja/arithmetic.ts"
import { callValue } from "../../jinja/call.ts"
import { isEqual } from "../../jinja/compare.ts"
import { toArray } from "../../jinja/iterate.ts"
import { hostFunction, Tuple, type Value } from "../../jinja/values.ts"
import { HostRecord } from "../host-record.ts"

/** The functions of itertools that end; each gives a list, which templates loop over just so. */
export function itertoolsModule(): Value {
  const functions = [
    hostFunction("chain", (args) => args.flatMap(toArray)),
    hostFunction("product", (args, kwargs) => {
      const lists = args.map(toArray)
      const repeated = Array.from({ length: Number(kwargs.get("repeat") ?? 1) }, () => lists).flat()
      return repeated
        .reduce<Value[][]>((rows, list) => rows.flatMap((row) => list.map((each) => [...row, each])), [[]])
        .map((row) => new Tuple(row))
    }),
    hostFunction("combinations", ([items, size]) =>
      combinations(toArray(items!), Number(size)).map((row) => new Tuple(row)),
    ),
    hostFunction("permutations", ([items, size]) => {
      const all = toArray(items!)
      return permutations(all, size === undefined ? all.length : Number(size)).map((row) => new Tuple(row))
    }),
    hostFunction("accumulate", ([items]) => {
      const sums: Value[] = []
      for (const item of toArray(items!)) sums.push(sums.length === 0 ? item : add(sums.at(-1)!, item))
      return sums
    }),
    hostFunction("islice", ([items, ...bounds]) => {
      const [start, stop] = bounds.length === 1 ? [0, bounds[0]] : bounds
      return toArray(items!).slice(Number(start ?? 0), stop === null || stop === undefined ? undefined : Number(stop))
    }),
    hostFunction("zip_longest", (args, kwargs) => {
      const lists = args.map(toArray)
      const length = Math.max(0, ...lists.map((list) => list.length))
      return Array.from(
        { length },
        (_, at) => new Tuple(lists.map((list) => list[at] ?? kwargs.get("fillvalue") ?? null)),
      )
    }),
    hostFunction("groupby", ([items, key]) => {
      const groups: { key: Value; items: Value[] }[] = []
      for (const item of toArray(items!)) {
        const of = key === undefined ? item : callValue(key, [item])
        const last = groups.at(-1)
        if (last && isEqual(last.key, of)) last.items.push(item)
        else groups.push({ key: of, items: [item] })
      }
      return groups.map((group) => new Tuple([group.key, group.items]))
    }),
    hostFunction("repeat", ([item, times]) => Array.from({ length: Number(times ?? 0) }, () => item!)),
  ]
  return new HostRecord("itertools", new Map(functions.map((each): [string, Value] => [each.name, each])))
}

function combinations(items: readonly Value[], size: number): Value[][] {
  if (size === 0) return [[]]
  return items.flatMap((item, index) => combinations(items.slice(index + 1), size - 1).map((rest) => [item, ...rest]))
}

function permutations(items: readonly Value[], size: number): Value[][] {
  if (size === 0) return [[]]
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1), size - 1).map((rest) => [item, ...rest]),
  )
}
