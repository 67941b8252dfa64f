/** 24 px: the smallest target that everybody can hit (WCAG 2.5.8). */
export const CELL = 24
/** Width of the column of names in a pane of this width: on a phone the runs need the room more. */
export function namesWidth(paneWidth: number): number {
  return paneWidth < 600 ? 136 : 220
}
/** Height of the bars above the cells; the dates stand above them. */
export const BARS = 64
export const DATES = 24
export const HEADER = BARS + DATES + 8
