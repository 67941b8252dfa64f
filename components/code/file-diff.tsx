"use client"
import { EmptyState } from "../ui/empty-state.tsx"
import { Segmented } from "../ui/segmented.tsx"
import { DiffLines, SplitDiffLines } from "./code-lines.tsx"
import { diffRows } from "./diff-rows.ts"
import { splitRows } from "./split-rows.ts"

export const DIFF_LAYOUTS = ["unified", "split"] as const
export type DiffLayoutName = (typeof DIFF_LAYOUTS)[number]

/** What changed in a text between two versions, in one column or side by side. */
export function FileDiff({
  path,
  before,
  after,
  isSplit,
}: {
  path: string
  before: string
  after: string
  isSplit: boolean
}) {
  const rows = diffRows(before, after)
  if (rows.length === 0) {
    return <EmptyState title="This file did not change.">{path} is the same in both versions.</EmptyState>
  }
  if (isSplit) return <SplitDiffLines path={path} before={before} after={after} rows={splitRows(rows)} />
  return <DiffLines path={path} before={before} after={after} rows={rows} />
}

/** Picks how changes are shown; a phone has room for one column. */
export function DiffLayout({
  value,
  onValueChange,
}: {
  value: DiffLayoutName
  onValueChange: (value: DiffLayoutName) => void
}) {
  return (
    <Segmented
      label="How to show changes"
      className="max-md:hidden"
      value={value}
      onValueChange={onValueChange}
      options={[
        { value: "unified", label: "Unified" },
        { value: "split", label: "Side by side" },
      ]}
    />
  )
}
