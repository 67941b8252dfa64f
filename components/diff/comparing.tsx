"use client"
import { useState } from "react"
import { useNow } from "../format/now.ts"
import { Button } from "../ui/button.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** The server ends it then. */
const MAX_SECONDS = 60

/** A comparison under way since this was first shown: for how long, and the way to stop it. */
export function Comparing({ onCancel }: { onCancel: () => void }) {
  const [startedAt] = useState(() => Date.now())
  const now = useNow(1_000)
  const seconds = Math.max(0, Math.floor((now - startedAt) / 1_000))
  return (
    <>
      <div className="flex items-center gap-3 px-6 pt-4 pb-2 max-sm:px-4">
        {/* Told once and not every second. */}
        <span role="status">Comparing…</span>
        <span className="text-t2" aria-hidden="true">
          {seconds} s of at most {MAX_SECONDS} s
        </span>
        <Button size="sm" onClick={onCancel}>
          Cancel
        </Button>
      </div>
      <SkeletonRows label="Comparing" rows={6} />
    </>
  )
}
