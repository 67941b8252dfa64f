/**
 * Collects the values of a statement whose conditions depend on what was asked for: `bind(value)` gives its placeholder.
 * Only fixed fragments and placeholders are ever joined into SQL.
 */
export class Bindings {
  readonly values: unknown[] = []
  readonly bind = (value: unknown): string => {
    this.values.push(value)
    return `$${this.values.length}`
  }
}

/** A LIKE pattern that finds `text` anywhere, with its own wildcards taken literally (escape character `\`). */
export function containsPattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, "\\$&")}%`
}
