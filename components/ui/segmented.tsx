"use client"
import * as ToggleGroup from "radix-ui/toggle-group"
import type { ReactNode } from "react"
import { cn } from "./cn.ts"

/** Two to four choices of which exactly one is on; more become a menu. */
export function Segmented<Value extends string>({
  label,
  value,
  onValueChange,
  options,
  className,
}: {
  label: string
  value: Value
  onValueChange: (value: Value) => void
  options: readonly { value: Value; label: ReactNode }[]
  className?: string
}) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      onValueChange={(next) => next && onValueChange(next as Value)}
      className={cn("inline-flex flex-none overflow-hidden rounded-2 border border-line-strong", className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className="flex h-[26px] items-center gap-[5px] whitespace-nowrap border-line border-l px-2.5 font-[480] text-12 text-t2 first:border-l-0 hover:bg-hover focus-visible:-outline-offset-2 data-[state=on]:bg-selected data-[state=on]:font-strong data-[state=on]:text-accent-t"
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  )
}
