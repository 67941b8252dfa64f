/** A selection that cannot be understood. The message names what would be allowed. */
export class SelectionError extends Error {
  override readonly name = "SelectionError"
}
