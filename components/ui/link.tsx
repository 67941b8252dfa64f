"use client"
import NextLink from "next/link"
import { useRouter } from "next/navigation"
import { type ComponentProps, useRef } from "react"

/** Less than it takes to decide; who only passes over a link stays shorter. */
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
  ...props
}: ComponentProps<typeof NextLink> & { href: string }) {
  const router = useRouter()
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  return (
    <NextLink
      href={href}
      prefetch={false}
      onPointerEnter={(event) => {
        onPointerEnter?.(event)
        timer.current = setTimeout(() => router.prefetch(href), INTENT_MS)
      }}
      onPointerLeave={(event) => {
        onPointerLeave?.(event)
        clearTimeout(timer.current)
      }}
      onFocus={(event) => {
        onFocus?.(event)
        router.prefetch(href)
      }}
      {...props}
    />
  )
}
