"use client"
import NextLink from "next/link"
import { useRouter } from "next/navigation"
import { type ComponentProps, useRef } from "react"

/** Less than it takes to decide; a pointer that passes by, or a key held down in a list, stays shorter. */
const INTENT_MS = 60

/**
 * A link to another screen, which is fetched once somebody is about to go there. Next would fetch what all links in view lead
 * to: dozens of requests that hold up the screen which is being opened.
 */
export function Link({
  href,
  onPointerEnter,
  onPointerLeave,
  onFocus,
  onBlur,
  ...props
}: ComponentProps<typeof NextLink> & { href: string }) {
  const router = useRouter()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const come = () => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => router.prefetch(href), INTENT_MS)
  }
  const leave = () => clearTimeout(timer.current)
  return (
    <NextLink
      href={href}
      prefetch={false}
      onPointerEnter={(event) => {
        onPointerEnter?.(event)
        come()
      }}
      onPointerLeave={(event) => {
        onPointerLeave?.(event)
        leave()
      }}
      onFocus={(event) => {
        onFocus?.(event)
        come()
      }}
      onBlur={(event) => {
        onBlur?.(event)
        leave()
      }}
      {...props}
    />
  )
}
