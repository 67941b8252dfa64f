"use client"
import { Time } from "../format/time.tsx"
import { adviceFor } from "../queries/client.ts"
import { Button } from "../ui/button.tsx"
import { StateIcon } from "../ui/icon.tsx"

/** The part of a query's state that says whether what is on screen is old. */
interface Reading {
  isError: boolean
  error: unknown
  data: unknown
  dataUpdatedAt: number
  refetch: () => unknown
}

/** While old data stays on screen because reading it again failed: since when it is old, why, and another try. */
export function StaleNotice({ reading }: { reading: Reading }) {
  if (!reading.isError || reading.data === undefined) return null
  return (
    <div
      role="status"
      data-s="at_risk"
      className="flex flex-none flex-wrap items-center gap-x-2 gap-y-1 bg-cb px-6 py-1 text-ct max-sm:px-4"
    >
      <StateIcon name="at_risk" />
      <span>
        This is from <Time at={new Date(reading.dataUpdatedAt).toISOString()} style="seconds" className="font-strong" />
        . {adviceFor(reading.error)}
      </span>
      <Button size="sm" className="ml-auto" onClick={() => reading.refetch()}>
        Try again
      </Button>
    </div>
  )
}
