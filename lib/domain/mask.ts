/** Stands for a value that is there and not shown. */
export const MASK = "•••"
