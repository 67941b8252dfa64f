"use client"
import { useSyncExternalStore } from "react"

const never = () => () => {}

/**
 * False while the server's HTML is being taken over. What the shell has read by then would differ from that HTML: a part
 * that shares a query with the shell shows its data only once this is true.
 */
export function useHydrated(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  )
}
