"use client"
import { parseAsString, useQueryState } from "nuqs"
import type { DatasetDetail } from "#lib/contracts/api/datasets.ts"
import { EmptyState } from "../ui/empty-state.tsx"
import { CheckList } from "./check-list.tsx"
import { CheckPanel } from "./check-panel.tsx"
import { worstFirst } from "./check-words.ts"

/** A dataset's checks, failures first, and the one that is picked. */
export function QualityTab({ dataset }: { dataset: DatasetDetail }) {
  const [picked, setPicked] = useQueryState("check", parseAsString.withOptions({ history: "replace" }))
  if (dataset.checks.length === 0) {
    return (
      <EmptyState title="No checks yet">
        Say what must hold under <code>quality/</code> in the workspace, or add a task with{" "}
        <code>checks({"{ table, expect: [notNull(…), unique(…)] }"})</code> after the one that writes this table.
        Results and the score appear here.
      </EmptyState>
    )
  }
  const check = dataset.checks.find(({ id }) => id === picked)
  return (
    <div className="flex min-h-0 flex-1">
      <CheckList checks={worstFirst(dataset.checks)} picked={picked} onPick={(id) => void setPicked(id)} />
      {check && <CheckPanel key={check.id} check={check} onClose={() => void setPicked(null)} />}
    </div>
  )
}
