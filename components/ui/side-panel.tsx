"use client"
import { type ReactNode, useEffect, useRef } from "react"
import { Button } from "./button.tsx"
import { cn } from "./cn.ts"

/**
 * The selected thing, at the right of what it was selected in: state, why, actions, history, effect, facts. `Esc` inside
 * it closes; the focus goes back to what had it before. Below 1024 px it lies over the page.
 */
export function SidePanel({
  label,
  onClose,
  className,
  children,
}: {
  label: string
  onClose: () => void
  className?: string
  children: ReactNode
}) {
  const panel = useRef<HTMLElement>(null)
  // Outside React: the document's focus, which has to come back when the panel goes.
  useEffect(() => {
    const before = document.activeElement
    const element = panel.current
    return () => {
      const isInside = element?.contains(document.activeElement) || document.activeElement === document.body
      if (isInside && before instanceof HTMLElement) before.focus({ preventScroll: true })
    }
  }, [])
  return (
    <aside
      ref={panel}
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return
        event.stopPropagation()
        onClose()
      }}
      className={cn(
        "relative min-h-0 w-[var(--panel)] flex-none animate-slide overflow-auto border-line border-l bg-surface",
        "max-lg:fixed max-lg:top-12 max-lg:right-0 max-lg:bottom-0 max-lg:z-30 max-lg:max-w-full max-lg:shadow-2",
        className,
      )}
    >
      <Button
        variant="ghost"
        icon="x"
        aria-label={`Close ${label}`}
        title="Close (Esc)"
        onClick={onClose}
        className="absolute top-3 right-3 z-10"
      />
      {children}
    </aside>
  )
}

/** One part of a side panel. */
export function SidePanelSection({
  title,
  aside,
  className,
  children,
}: {
  title?: ReactNode
  aside?: ReactNode
  className?: string
  children: ReactNode
}) {
  return (
    <section className={cn("border-line border-b p-4 last:border-0", className)}>
      {title && (
        <h2 className="mb-2 flex items-center gap-2">
          {title}
          {aside && <span className="ml-auto font-body">{aside}</span>}
        </h2>
      )}
      {children}
    </section>
  )
}
