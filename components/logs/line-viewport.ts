/** Pixels of a line of text that takes one row. */
export const LINE_HEIGHT = 20
/**
 * Tallest element drawn. Firefox stops at 17.9 million px and Chrome at 33.5; a log of a million lines is 20. Beyond
 * this the scrollbar is a scale: a pixel of it is more than a pixel of log.
 */
const MAX_HEIGHT = 15_000_000
/** Lines drawn beyond the edges, so that fast scrolling shows text. */
const OVERSCAN = 12

/** A scrolled pane over lines whose heights are only known once they are drawn. Heights in pixels. */
export interface LinePane {
  /** Height of the pane. */
  height: number
  lines: number
  /** Mean height of a line, from those that are here; exact once all are. */
  meanHeight: number
}

export interface LineViewport {
  /** 0-based line that the scroll position points at, and how far into it, 0 to 1. */
  anchor: number
  within: number
  /** Where in the pane that point stands, pixels from its top. */
  at: number
  /** 0-based, end excluded: lines to draw. */
  start: number
  end: number
}

/** Height of the scrolled element. */
export function contentHeight({ lines, meanHeight }: LinePane): number {
  return Math.min(Math.ceil(lines * meanHeight), MAX_HEIGHT)
}

/**
 * What stands in the pane at a scroll position of 0 (start) to 1 (end). The point that far down the log is put that far
 * down the pane: so both ends are reached exactly whatever the lines' heights, and with even lines it is plain scrolling.
 * Constant time, whatever the log's length.
 */
export function visibleLines(progress: number, pane: LinePane): LineViewport {
  const { height, lines } = pane
  const point = clamp(progress, 0, 1) * lines
  const anchor = clamp(Math.floor(point), 0, Math.max(0, lines - 1))
  const at = progress * height
  return {
    anchor,
    within: clamp(point - anchor, 0, 1),
    at,
    // Lines are at least LINE_HEIGHT tall, so these fill the pane on both sides of the anchor.
    start: Math.max(0, anchor - Math.ceil(at / LINE_HEIGHT) - OVERSCAN),
    end: Math.min(lines, anchor + 1 + Math.ceil((height - at) / LINE_HEIGHT) + OVERSCAN),
  }
}

/** The scroll position, 0 to 1, at which a 0-based line stands in the middle, or as near to it as the ends allow. */
export function progressTo(line: number, pane: LinePane): number {
  const hidden = pane.lines * pane.meanHeight - pane.height
  return hidden <= 0 ? 0 : clamp(((line + 0.5) * pane.meanHeight - pane.height / 2) / hidden, 0, 1)
}

/** Rows that a text takes when lines are cut after `columns` characters; line breaks in it start a new row. */
export function rowsOf(text: string, columns: number): number {
  if (text.length <= columns && !text.includes("\n")) return 1
  let rows = 0
  for (const part of text.split("\n")) rows += Math.max(1, Math.ceil(part.length / columns))
  return rows
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high)
}
