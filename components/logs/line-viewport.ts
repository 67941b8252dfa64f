/** Pixels a line takes when it is not wrapped. */
export const LINE_HEIGHT = 20
/**
 * Tallest element drawn. Firefox stops at 17.9 million px and Chrome at 33.5; a log of a million lines is 20. Beyond
 * this the scrollbar is a scale: a pixel of it is more than a pixel of log.
 */
const MAX_HEIGHT = 15_000_000
/** Lines drawn beyond the edges, so that fast scrolling shows text. */
const OVERSCAN = 20

export interface LineViewport {
  /** 0-based index of the line at the top edge, and how much of it is scrolled away, 0 to 1. */
  top: number
  offset: number
  /** 0-based, end excluded: lines to draw. */
  start: number
  end: number
}

/** Height of the scrolled element for so many lines in a viewport of `height` pixels. */
export function contentHeight(lines: number, height: number, isWrapped: boolean): number {
  // Wrapped lines take more than their slot: leave room to bring the very last one to the top.
  const room = isWrapped ? Math.max(0, height - LINE_HEIGHT) : 0
  return Math.min(lines * LINE_HEIGHT + room, MAX_HEIGHT)
}

/** Which lines stand in the viewport at this scroll position. Constant time, whatever the log's length. */
export function visibleLines(scrollTop: number, height: number, lines: number, isWrapped: boolean): LineViewport {
  const position = (clamp(scrollTop, 0, Number.MAX_SAFE_INTEGER) * scale(lines, height, isWrapped)) / LINE_HEIGHT
  const top = clamp(Math.floor(position), 0, Math.max(0, lines - 1))
  const shown = Math.ceil(height / LINE_HEIGHT) + 1
  return {
    top,
    offset: clamp(position - top, 0, 1),
    // Above a wrapped top line nothing may be drawn: its neighbours' heights are not known.
    start: isWrapped ? top : Math.max(0, top - OVERSCAN),
    end: Math.min(lines, top + shown + OVERSCAN),
  }
}

/** Scroll position that brings a 0-based line to the middle of the viewport, or to its top when wrapped. */
export function scrollTopFor(line: number, height: number, lines: number, isWrapped: boolean): number {
  const lead = isWrapped ? 0 : Math.max(0, (height - LINE_HEIGHT) / 2)
  const pixels = Math.max(0, line * LINE_HEIGHT - lead)
  return Math.min(pixels / scale(lines, height, isWrapped), contentHeight(lines, height, isWrapped) - height)
}

/** Pixels of log per pixel of scrollbar: 1 up to {@link MAX_HEIGHT}. */
function scale(lines: number, height: number, isWrapped: boolean): number {
  const room = isWrapped ? Math.max(0, height - LINE_HEIGHT) : 0
  const full = lines * LINE_HEIGHT + room
  return full <= MAX_HEIGHT ? 1 : (full - height) / (MAX_HEIGHT - height)
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
