import { parseCriterion } from "./parse-criterion.ts"
import { SelectionError } from "./selection-error.ts"
import type { IndirectSelection, SelectionSpec, SpecGroup } from "./selection-spec.ts"

export interface SelectionArguments {
  /** Each `--select`; the values of one may be joined by spaces. */
  select?: readonly string[] | undefined
  exclude?: readonly string[] | undefined
  indirectSelection?: IndirectSelection | undefined
  /** What `selector:name` may name. */
  selectors?: ReadonlyMap<string, SelectionSpec> | undefined
}

/** Everything, when nothing is selected: nodes of all packages. */
const ALL = ["fqn:*", "source:*"]

/**
 * `--select` without `--exclude`. Both take tests along in the same mode, so that with `cautious` a test goes only when all its
 * parents are excluded, as in dbt 1.9.
 *
 * @throws SelectionError
 */
export function parseSelection({
  select,
  exclude,
  indirectSelection = "eager",
  selectors = new Map(),
}: SelectionArguments): SelectionSpec {
  const included = select?.length
    ? parseUnion(select, indirectSelection, true, selectors)
    : parseUnion(ALL, indirectSelection, false, selectors)
  const excluded = parseUnion(exclude ?? [], indirectSelection, true, selectors)
  return { kind: "difference", parts: [included, excluded], indirect: "eager", mustMatch: null }
}

/** Spaces join, commas narrow down: `tag:a,tag:b model_c`. @throws SelectionError */
export function parseUnion(
  texts: readonly string[],
  indirect: IndirectSelection,
  mustMatch: boolean,
  selectors: ReadonlyMap<string, SelectionSpec>,
): SpecGroup {
  const words = texts.flatMap((text) => text.split(/\s+/)).filter((word) => word !== "")
  return {
    kind: "union",
    parts: words.map((word) => ({
      kind: "intersection",
      parts: word.split(",").map((part) => parsePart(part, word, indirect, selectors)),
      indirect,
      mustMatch: mustMatch ? word : null,
    })),
    indirect,
    mustMatch: null,
  }
}

function parsePart(
  part: string,
  word: string,
  indirect: IndirectSelection,
  selectors: ReadonlyMap<string, SelectionSpec>,
): SelectionSpec {
  if (part === "") throw new SelectionError(`"${word}" has a comma with nothing beside it: write it without spaces.`)
  const name = /^selector:(.+)$/.exec(part)?.[1]
  return name === undefined ? parseCriterion(part, indirect) : namedSelector(name, selectors)
}

/** @throws SelectionError naming the selectors there are. */
export function namedSelector(name: string, selectors: ReadonlyMap<string, SelectionSpec>): SelectionSpec {
  const spec = selectors.get(name)
  if (spec) return spec
  const known = [...selectors.keys()].join(", ")
  throw new SelectionError(`There is no selector "${name}"; selectors.yml has ${known || "none"}.`)
}
