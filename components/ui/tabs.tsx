"use client"
import * as Radix from "radix-ui/tabs"
import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** Tabs with roles and arrow keys. Keep `value` in the address, so that a tab can be shared. */
export function Tabs({
  value,
  onValueChange,
  className,
  children,
}: {
  value: string
  onValueChange: (value: string) => void
  className?: string
  children: ReactNode
}) {
  return (
    <Radix.Root
      value={value}
      onValueChange={onValueChange}
      activationMode="automatic"
      className={cn("flex min-h-0 min-w-0 flex-1 flex-col", className)}
    >
      {children}
    </Radix.Root>
  )
}

/** The row of tabs, on the page's margin, above a line. */
export function TabList({ label, className, children }: { label: string; className?: string; children: ReactNode }) {
  return (
    <Radix.List
      aria-label={label}
      className={cn(
        "flex flex-none gap-5 overflow-x-auto overflow-y-hidden border-line border-b px-6 max-sm:px-4",
        className,
      )}
    >
      {children}
    </Radix.List>
  )
}

/** One tab; `count` follows the word, red only where it counts failures (`isHot`). */
export function Tab({
  value,
  children,
  count,
  isHot = false,
}: {
  value: string
  children: ReactNode
  count?: ReactNode
  isHot?: boolean
}) {
  return (
    <Radix.Trigger
      value={value}
      className="flex h-9 flex-none items-center gap-1.5 whitespace-nowrap border-transparent border-b-2 font-[480] text-t2 hover:text-t1 focus-visible:-outline-offset-2 data-[state=active]:border-accent data-[state=active]:font-strong data-[state=active]:text-t1"
    >
      {children}
      {count !== undefined && count !== null && (
        <small className={isHot ? "font-strong text-failed-t" : "font-body text-t3"}>{count}</small>
      )}
    </Radix.Trigger>
  )
}

/** What a tab shows. Not mounted while another tab is on. */
export function TabPanel({ value, className, children }: { value: string; className?: string; children: ReactNode }) {
  return (
    <Radix.Content value={value} className={cn("min-h-0 min-w-0 flex-1 focus-visible:-outline-offset-2", className)}>
      {children}
    </Radix.Content>
  )
}
