/** A part of the time axis: all of it is 0 to 1. */
export interface Span {
  from: number
  to: number
}
export const WHOLE: Span = { from: 0, to: 1 }

/** Zoomed in further, a second is wider than the screen. */
const NARROWEST = 1 / 2_000

/** The part of the axis after zooming by `factor` (above 1: closer) around `at`, a place in the part as 0 to 1. */
export function zoomed({ from, to }: Span, factor: number, at = 0.5): Span {
  const width = Math.min(1, Math.max(NARROWEST, (to - from) / factor))
  return kept(from + (to - from - width) * at, width)
}

/** The part of the axis after moving it by `share` of its width. */
export function moved({ from, to }: Span, share: number): Span {
  return kept(from + (to - from) * share, to - from)
}

/** As the address has it, `0.25-0.5`; null for the whole, which needs no words. */
export function spanText({ from, to }: Span): string | null {
  return to - from >= 1 ? null : `${round(from)}-${round(to)}`
}

/** What {@link spanText} wrote; anything else is the whole. */
export function spanOf(text: string | null): Span {
  const [from, to] = (text ?? "").split("-").map(Number)
  const isSpan = from !== undefined && to !== undefined && from >= 0 && to <= 1 && to - from >= NARROWEST / 2
  return isSpan ? { from, to } : WHOLE
}

function kept(from: number, width: number): Span {
  const start = Math.min(1 - width, Math.max(0, from))
  return { from: start, to: start + width }
}

function round(share: number): number {
  return Math.round(share * 1e6) / 1e6
}
