export type FileChange = "same" | "changed" | "added" | "removed"

/** How each file of either version changed, by path, changed ones first, then in the order of their paths. */
export function fileChanges(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): { path: string; change: FileChange }[] {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return paths
    .map((path) => ({ path, change: changeOf(before[path], after[path]) }))
    .toSorted((a, b) => Number(a.change === "same") - Number(b.change === "same") || (a.path < b.path ? -1 : 1))
}

function changeOf(before: string | undefined, after: string | undefined): FileChange {
  if (before === undefined) return "added"
  if (after === undefined) return "removed"
  return before === after ? "same" : "changed"
}
