/** Gives a value its place in a statement, as one of a type: `$3::bigint`. */
export type Bind = (value: unknown, type: string) => string

/** Collects the values of a statement while its SQL is written; equal values of one type share a place. */
export class Bindings {
  readonly values: unknown[] = []
  readonly #places = new Map<string, string>()

  readonly bind: Bind = (value, type) => {
    const key = `${type}:${typeof value}:${JSON.stringify(value)}`
    const place = this.#places.get(key) ?? `$${this.values.push(value)}::${type}`
    this.#places.set(key, place)
    return place
  }
}
