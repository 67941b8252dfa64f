"use client"
import { useEffect, useState } from "react"

/** `value` as it was once it stayed the same for `delayMs`; what a search sends to the server. */
export function useDebounced<Value>(value: Value, delayMs = 250): Value {
  const [settled, setSettled] = useState(value)
  // Outside React: the clock.
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), delayMs)
    return () => clearTimeout(timer)
  }, [value, delayMs])
  return settled
}
