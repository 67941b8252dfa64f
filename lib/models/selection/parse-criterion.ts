import { SelectionError } from "./selection-error.ts"
import { type Criterion, type IndirectSelection, METHODS, type Method } from "./selection-spec.ts"

/** `@`, `n+`, `method.path:`, value, `+n` (dbt's "Graph operators"). */
const CRITERION =
  /^(?<at>@)?(?:(?<parents>\d*)(?<before>\+))?(?:(?<method>[\w.]+):)?(?<value>.*?)(?:(?<after>\+)(?<children>\d*))?$/s

/** Reads one criterion as the command line has it. @throws SelectionError */
export function parseCriterion(raw: string, indirect: IndirectSelection): Criterion {
  const { at, parents, before, method, value = "", after, children } = CRITERION.exec(raw)?.groups ?? {}
  if (value === "") throw new SelectionError(`"${raw}" selects nothing: write a name, a path or method:value.`)
  return checked({
    kind: "criterion",
    raw,
    ...(method ? parseMethod(method, raw) : { method: defaultMethod(value), path: [] }),
    value,
    parentsDepth: before ? depth(parents) : 0,
    childrenDepth: after ? depth(children) : 0,
    childrensParents: at !== undefined,
    indirect,
  })
}

/** @throws SelectionError for `@x+`: `@` takes all downstream already. */
export function checked(criterion: Criterion): Criterion {
  if (criterion.childrensParents && criterion.childrenDepth > 0) {
    throw new SelectionError(`"${criterion.raw}" has both "@" in front and "+" behind: use one of them.`)
  }
  return criterion
}

/** `config.meta.owner` into the method and its path. @throws SelectionError */
export function parseMethod(text: string, raw: string): { method: Method; path: string[] } {
  const [name, ...path] = text.split(".")
  const method = METHODS.find((each) => each === name)
  if (!method) throw new SelectionError(`"${raw}": there is no method "${name}"; there are ${METHODS.join(", ")}.`)
  if (method === "config" && path.length === 0) {
    throw new SelectionError(`"${raw}": config needs the name of a setting, as in config.materialized:view.`)
  }
  return { method, path }
}

/** A value with a slash is a path, one with the ending of a model's file is a file, all else a name. */
function defaultMethod(value: string): Method {
  if (value.includes("/")) return "path"
  return /\.(sql|py|csv)$/i.test(value) ? "file" : "fqn"
}

function depth(digits: string | undefined): number {
  return digits ? Number(digits) : Number.POSITIVE_INFINITY
}
