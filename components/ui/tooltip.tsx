"use client"
import * as Radix from "radix-ui/tooltip"
import type { ReactNode } from "react"

/** Once around the app: the delay before the first tooltip. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={500} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  )
}

/**
 * Explains its one child on hover and on focus. For an icon button give that its own `aria-label` too. In long tables use
 * `title` instead: thousands of these would cost more than they say.
 */
export function Tooltip({
  content,
  side = "bottom",
  children,
}: {
  content: ReactNode
  side?: "top" | "bottom" | "left" | "right"
  children: ReactNode
}) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-50 max-w-80 animate-rise rounded-2 bg-raised px-2 py-1 text-12 text-t1 shadow-2"
        >
          {content}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}
