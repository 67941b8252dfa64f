"use client"
import { useQueryStates } from "nuqs"
import { useCallback, useMemo } from "react"
import type { Moment } from "#lib/contracts/api/dataset-versions.ts"
import { MOMENT_ADDRESS, momentOf, toAddress } from "./moment-address.ts"

/** The version that the page is as of, and how to leave it for another or, with null, for now. */
export function useMoment(): [Moment | null, (moment: Moment | null) => void] {
  const [{ version, pipeline }, setAddress] = useQueryStates(MOMENT_ADDRESS, { history: "push" })
  const moment = useMemo(() => momentOf({ version, pipeline }), [version, pipeline])
  const setMoment = useCallback((next: Moment | null) => void setAddress(toAddress(next)), [setAddress])
  return [moment, setMoment]
}
