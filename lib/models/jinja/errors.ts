/**
 * What kind of fault stopped a template: `syntax` while parsing; `undefined` the use of a value that is not there; `type` and
 * `value` as in Python; `security` what the sandbox forbids; `limit` too many steps, too much output, too deep; `unsupported`
 * what this engine leaves out on purpose; `host` an error that a function of the host threw (its `cause`).
 */
export type JinjaErrorKind = "syntax" | "undefined" | "type" | "value" | "security" | "limit" | "unsupported" | "host"

/** A place in a template. Lines and columns count from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

/** One level of the stack of macros: where in `macro` (null: in the template itself) it was. */
export interface TraceEntry extends Place {
  macro: string | null
}

/**
 * The one error of this folder. `message` says what is wrong, without the place; `place` and `trace` are set once, by the frame
 * in which it happened: `trace` begins there and ends in the template that was rendered.
 */
export class JinjaError extends Error {
  override readonly name = "JinjaError"
  readonly kind: JinjaErrorKind
  place: Place | null = null
  trace: readonly TraceEntry[] = []

  constructor(kind: JinjaErrorKind, message: string, options: { place?: Place; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.kind = kind
    if (options.place) {
      this.place = options.place
      this.trace = [{ macro: null, ...options.place }]
    }
  }

  get file(): string | null {
    return this.place?.file ?? null
  }

  get line(): number | null {
    return this.place?.line ?? null
  }

  get column(): number | null {
    return this.place?.column ?? null
  }
}

/** The whole story for people: message, place, and one line for each macro on the way there, the innermost first. */
export function describeError(error: JinjaError): string {
  const where = error.place ? ` (${error.place.file}:${error.place.line}:${error.place.column})` : ""
  const lines = error.trace.map(({ macro, file, line }) =>
    macro === null ? `  in ${file}:${line}` : `  in macro ${macro} (${file}:${line})`,
  )
  return [`${error.message}${where}`, ...(lines.length > 1 ? lines : [])].join("\n")
}

/** Python's TypeError, as templates meet it. */
export function typeError(message: string): JinjaError {
  return new JinjaError("type", message)
}

/** Python's ValueError and its kin: a value of the right type that will not do. */
export function valueError(message: string): JinjaError {
  return new JinjaError("value", message)
}
