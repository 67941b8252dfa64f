"use client"
import type { UseQueryResult } from "@tanstack/react-query"
import type { ReactNode } from "react"
import { adviceFor } from "../queries/client.ts"
import { StaleNotice } from "../status/stale-notice.tsx"
import { ErrorState } from "../ui/error-state.tsx"
import { SkeletonRows } from "../ui/skeleton.tsx"

/** A list in each of its forms: being read, failed, empty, and there. `what` is its name in lower case. */
export function ReadingState<Item>({
  reading,
  what,
  empty,
  children,
}: {
  reading: UseQueryResult<Item[]>
  what: string
  empty: ReactNode
  children: (items: Item[], isDimmed: boolean) => ReactNode
}) {
  const { data, error, isError, refetch } = reading
  if (isError && !data) {
    return (
      <ErrorState title={`The ${what} could not be read`} message={adviceFor(error)} onRetry={() => void refetch()} />
    )
  }
  if (!data) return <SkeletonRows label={`Reading ${what}`} />
  return (
    <>
      <StaleNotice reading={reading} />
      {data.length > 0 ? children(data, isError) : empty}
    </>
  )
}
