import type { DiffRow } from "./diff-rows.ts"

/** A row of a diff with the old text at the left and the new at the right; null where a side has nothing. */
export interface SplitRow {
  isGap: boolean
  left: DiffRow | null
  right: DiffRow | null
}

/** Puts removed and added lines of one change beside each other, the first with the first. */
export function splitRows(rows: readonly DiffRow[]): SplitRow[] {
  const split: SplitRow[] = []
  let removed: DiffRow[] = []
  let added: DiffRow[] = []
  const flush = () => {
    for (let i = 0; i < Math.max(removed.length, added.length); i++) {
      split.push({ isGap: false, left: removed[i] ?? null, right: added[i] ?? null })
    }
    removed = []
    added = []
  }
  for (const row of rows) {
    if (row.kind === "removed") removed.push(row)
    else if (row.kind === "added") added.push(row)
    else {
      flush()
      split.push({ isGap: row.kind === "gap", left: row, right: row })
    }
  }
  flush()
  return split
}
