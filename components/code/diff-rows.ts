import { structuredPatch } from "diff"

/** A row of a unified diff. Line numbers are 1-based; null on the side where the line is not. */
export interface DiffRow {
  kind: "same" | "added" | "removed" | "gap"
  text: string
  before: number | null
  after: number | null
}

/**
 * The rows of a unified diff with `context` unchanged lines around each change (Myers 1986, by the `diff` package);
 * a gap row stands for what was left out. No rows where nothing changed.
 */
export function diffRows(before: string, after: string, context = 4): DiffRow[] {
  const { hunks } = structuredPatch("", "", before, after, "", "", { context })
  return hunks.flatMap((hunk, i) => {
    let old = hunk.oldStart
    let now = hunk.newStart
    const gap: DiffRow[] = i > 0 || old > 1 ? [{ kind: "gap", text: "", before: null, after: null }] : []
    const rows = hunk.lines.flatMap((line): DiffRow[] => {
      const text = line.slice(1)
      if (line[0] === "+") return [{ kind: "added", text, before: null, after: now++ }]
      if (line[0] === "-") return [{ kind: "removed", text, before: old++, after: null }]
      // "\ No newline at end of file" is about bytes, not about what the author meant.
      return line[0] === "\\" ? [] : [{ kind: "same", text, before: old++, after: now++ }]
    })
    return [...gap, ...rows]
  })
}
