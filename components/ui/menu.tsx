"use client"
import * as Radix from "radix-ui/dropdown-menu"
import type { ReactNode } from "react"
import { cn } from "./cn.ts"
import type { ActionGlyph } from "./glyphs.ts"
import { Icon } from "./icon.tsx"
import { Kbd } from "./kbd.tsx"

const PANEL = "z-50 max-h-[70vh] min-w-44 animate-rise overflow-auto rounded-3 bg-raised p-1 shadow-2"
const ITEM =
  "flex min-h-7 cursor-default select-none items-center gap-2 rounded-2 px-2 py-1 text-t1 outline-none data-[highlighted]:bg-hover data-[disabled]:opacity-55"

/** A menu that opens from its `trigger` (one button). */
export function Menu({
  trigger,
  align = "end",
  className,
  children,
}: {
  trigger: ReactNode
  align?: "start" | "end"
  className?: string
  children: ReactNode
}) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} sideOffset={4} collisionPadding={8} className={cn(PANEL, className)}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  )
}

/** One action; `effect` says beside it what will change. */
export function MenuItem({
  icon,
  hint,
  effect,
  isDanger = false,
  isDisabled = false,
  onSelect,
  children,
}: {
  icon?: ActionGlyph
  hint?: string
  effect?: ReactNode
  isDanger?: boolean
  isDisabled?: boolean
  onSelect: () => void
  children: ReactNode
}) {
  return (
    <Radix.Item className={cn(ITEM, isDanger && "text-failed-t")} disabled={isDisabled} onSelect={onSelect}>
      {icon && <Icon name={icon} className={isDanger ? "" : "text-t3"} />}
      <span className="flex-1">
        {children}
        {effect && <small className="block text-t3">{effect}</small>}
      </span>
      {hint && <Kbd>{hint}</Kbd>}
    </Radix.Item>
  )
}

/** A choice that can be on; the menu stays open. */
export function MenuCheckboxItem({
  isChecked,
  onCheckedChange,
  children,
}: {
  isChecked: boolean
  onCheckedChange: (isChecked: boolean) => void
  children: ReactNode
}) {
  return (
    <Radix.CheckboxItem
      className={ITEM}
      checked={isChecked}
      onCheckedChange={onCheckedChange}
      onSelect={(event) => event.preventDefault()}
    >
      <Tick />
      {children}
    </Radix.CheckboxItem>
  )
}

/** One of several choices of which one is on. */
export function MenuRadioGroup({
  value,
  onValueChange,
  options,
}: {
  value: string
  onValueChange: (value: string) => void
  options: readonly { value: string; label: ReactNode }[]
}) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onValueChange}>
      {options.map((option) => (
        <Radix.RadioItem key={option.value} value={option.value} className={ITEM}>
          <Tick />
          {option.label}
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  )
}

/** Names the items below it. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return <Radix.Label className="px-2 pt-1.5 pb-1 text-12 text-t3">{children}</Radix.Label>
}

function Tick() {
  return (
    <span className="w-4 flex-none">
      <Radix.ItemIndicator>
        <Icon name="check" className="text-accent" />
      </Radix.ItemIndicator>
    </span>
  )
}
