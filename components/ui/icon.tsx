import { cn } from "./cn.ts"
import { type ActionGlyph, type CellGlyph, GLYPH_SYMBOLS, type StateGlyph } from "./glyphs.ts"

/** An action or place as a 16-box glyph in the text's colour. Decorative: the word beside it names it. */
export function Icon({ name, size = 16, className }: { name: ActionGlyph; size?: number; className?: string }) {
  return (
    <svg width={size} height={size} aria-hidden="true" className={cn("flex-none", className)}>
      <use href={`#i-${name}`} />
    </svg>
  )
}

/** A state's shape in the state's hue; `running` turns unless the person asked for less motion. */
export function StateIcon({ name, size = 14, className }: { name: StateGlyph; size?: number; className?: string }) {
  return (
    <svg
      width={size}
      height={size}
      data-s={name}
      aria-hidden="true"
      className={cn("flex-none", name === "running" && "motion-safe:animate-spin-slow", className)}
    >
      <use href={`#s-${name}`} />
    </svg>
  )
}

/** One cell of a grid or heat-map: the state's mark inside 14 px. */
export function CellIcon({ name, size = 14, className }: { name: CellGlyph; size?: number; className?: string }) {
  return (
    <svg width={size} height={size} viewBox="0 0 14 14" aria-hidden="true" className={cn("flex-none", className)}>
      <use href={`#c-${name}`} />
    </svg>
  )
}

/** Defines all glyphs; stands once in the document, before anything that uses them. */
export function IconSprite() {
  return (
    <svg width="0" height="0" className="absolute" aria-hidden="true">
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own constant, no input */}
      <defs dangerouslySetInnerHTML={{ __html: GLYPH_SYMBOLS }} />
    </svg>
  )
}

/** The mark of the product: two channels off one stream. */
export function BrandMark({ size = 20 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" className="flex-none">
      <path
        d="M2 5.5h5.5c3.5 0 3.5 4.5 7 4.5H18M2 10h4c3.5 0 3.5 4.5 7 4.5h5"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  )
}
