import type { ReactNode } from "react"
import { cn } from "./cn.ts"
import type { StateGlyph } from "./glyphs.ts"
import { StateIcon } from "./icon.tsx"

/** A state on its tint: icon and word. Once a header; tables use {@link Mark}, or the page turns to confetti. */
export function Badge({
  glyph,
  size = "md",
  children,
  className,
}: {
  glyph: StateGlyph
  size?: "md" | "lg"
  children: ReactNode
  className?: string
}) {
  return (
    <span
      data-s={glyph}
      className={cn(
        "inline-flex flex-none items-center gap-[5px] whitespace-nowrap rounded-1 bg-cb font-[560] text-ct",
        size === "lg" ? "h-6 pr-[9px] pl-[7px] text-13" : "h-5 pr-[7px] pl-[5px] text-12",
        className,
      )}
    >
      <StateIcon name={glyph} />
      {children}
    </span>
  )
}

/** A state without tint: icon and word in the state's text colour. */
export function Mark({ glyph, children, className }: { glyph: StateGlyph; children: ReactNode; className?: string }) {
  return (
    <span
      data-s={glyph}
      className={cn("inline-flex items-center gap-1.5 whitespace-nowrap align-middle font-med text-ct", className)}
    >
      <StateIcon name={glyph} />
      {children}
    </span>
  )
}

/** A tag or a small fact in a box of its own. */
export function Chip({ children, className }: { children: ReactNode; className?: string }) {
  return (
    <span
      className={cn(
        "inline-flex h-[18px] items-center whitespace-nowrap rounded-1 border border-line px-[5px] font-med text-11 text-t2",
        className,
      )}
    >
      {children}
    </span>
  )
}
